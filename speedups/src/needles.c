/* The tables of what is looked for, of values that are ASCII: as matching/index.py makes them. */
#include "specificity.h"

/* As in matching/index.py. */
enum { SHORT = 64, LONG = 40, SHORTEST_INSIDE = 4, SHORTEST_SHORT = 3, SHORTEST_STEM = 5, LONGEST_TRUTH = 5, MOST_WORDS = 6 };
enum { SHORTEST_COMPACT = 5, MOST_OF_NAME = 4 };
/* Items of a tag: otel_provenance/tags.py. */
enum { SOURCE = 1, FIELD = 2, VALUE = 3, NORMAL = 4 };

typedef struct {
    PyObject *whole, *parts, *beginnings, *domains, *truths;             /* dicts */
    PyObject *contained, *booleans, *longs, *shorts, *opened, *quoted; /* lists */
    PyObject *word, *local_part, *domain;                              /* kinds of parts */
} Needles;

/* dict[key], a list that is made where there is none, one longer; the key and the item are taken. */
static int add_under(PyObject *dict, PyObject *key, PyObject *item) {
    PyObject *list = key == NULL || item == NULL ? NULL : PyDict_GetItemWithError(dict, key);
    int well = list != NULL && PyList_Append(list, item) == 0;
    if (list == NULL && !PyErr_Occurred() && (list = PyList_New(1)) != NULL) { /* most have one item */
        Py_INCREF(item);
        PyList_SetItem(list, 0, item);
        well = PyDict_SetItem(dict, key, list) == 0;
        Py_DECREF(list); /* the dict keeps it */
    }
    Py_XDECREF(key);
    Py_XDECREF(item);
    return well;
}

static PyObject *kept(PyObject *object) {
    Py_INCREF(object);
    return object;
}

static PyObject *cut(const unsigned char *text, Py_ssize_t size) {
    return PyUnicode_FromStringAndSize((const char *)text, size);
}

static int add_part(PyObject *parts, const unsigned char *text, Py_ssize_t size, PyObject *tag, PyObject *kind) {
    return add_under(parts, cut(text, size), PyTuple_Pack(2, tag, kind));
}

static int add_mailbox(const Needles *into, PyObject *tag, const unsigned char *text, Py_ssize_t size) {
    Py_ssize_t at = size - 1;
    while (text[at] != '@')
        at--;
    const unsigned char *domain = text + at + 1;
    Py_ssize_t length = size - at - 1;
    if (at <= 2 || memchr(domain, '.', (size_t)length) == NULL)
        return 1;
    return add_part(into->parts, text, at, tag, into->local_part) && add_part(into->parts, domain, length, tag, into->domain) &&
           add_under(into->domains, cut(domain, length), kept(tag));
}

static int is_around(unsigned char c) { /* what words are stripped of */
    return c != 0 && strchr(",.;:()\"'", c) != NULL;
}

static int add_words(const Needles *into, PyObject *tag, const unsigned char *text, Py_ssize_t size, Py_ssize_t spaces) {
    const unsigned char *end = text + size;
    while (spaces < MOST_WORDS && text <= end) {
        const unsigned char *next = memchr(text, ' ', (size_t)(end - text)), *last;
        if (next == NULL)
            next = end;
        if (next - text >= 3) {
            for (last = next; last > text && is_around(last[-1]);)
                last--;
            while (text < last && is_around(*text))
                text++;
            if (!add_part(into->parts, text, last - text, tag, into->word))
                return 0;
        }
        text = next + 1;
    }
    return 1;
}

static int add_needle(const Needles *into, PyObject *tag, PyObject *normal, const unsigned char *text, Py_ssize_t size) {
    static const Py_ssize_t stems[] = {4, 12, 32};
    if (!add_under(into->whole, kept(normal), kept(tag)))
        return 0;
    if (memchr("{[\"", text[0], 3) != NULL || memchr(text, '=', (size_t)size) != NULL)
        if (PyList_Append(into->opened, normal) < 0)
            return 0;
    int is_truth = size <= LONGEST_TRUTH ? PyDict_Contains(into->truths, normal) : 0;
    if (is_truth < 0 || (is_truth && PyList_Append(into->booleans, tag) < 0))
        return 0;
    if (size >= SHORTEST_INSIDE) {
        int is_quoted = size <= SHORT && memchr(text, '\'', (size_t)size) != NULL;
        if (PyList_Append(into->contained, tag) < 0 || (is_quoted && PyList_Append(into->quoted, tag) < 0))
            return 0;
    }
    int is_word = all_of(text, size, is_letter);
    if (SHORTEST_SHORT <= size && size <= SHORT && !is_word && PyList_Append(into->shorts, tag) < 0)
        return 0;
    if (size < SHORTEST_STEM)
        return 1;
    for (int at = 0; at < 3 && stems[at] <= size; at++)
        if (!add_under(into->beginnings, cut(text, stems[at]), kept(tag)))
            return 0;
    if (size >= LONG && PyList_Append(into->longs, tag) < 0)
        return 0;
    if (size > SHORT || is_word)
        return 1;
    if (memchr(text, '@', (size_t)size) != NULL)
        return add_mailbox(into, tag, text, size);
    Py_ssize_t spaces = 0;
    for (Py_ssize_t at = 0; at < size; at++)
        spaces += text[at] == ' ';
    return spaces == 0 || add_words(into, tag, text, size, spaces);
}

/* The characters of a tag's normal form, where it is an ordinary one: ASCII, neither empty nor too long, of this
 * service; NULL, perhaps with an error, where Python is asked. */
static const unsigned char *ordinary(PyObject *tag, Py_ssize_t most, Py_ssize_t *size) {
    if (!PyTuple_Check(tag) || PyTuple_Size(tag) <= NORMAL) {
        PyErr_SetString(PyExc_TypeError, "not a tag");
        return NULL;
    }
    PyObject *source = PyTuple_GetItem(tag, SOURCE), *normal = PyTuple_GetItem(tag, NORMAL);
    if (PyTuple_GetItem(tag, VALUE) == Py_None || !PyUnicode_Check(source) || !PyUnicode_CheckExact(normal) ||
        PyUnicode_GetLength(normal) > most || PyUnicode_CompareWithASCIIString(source, "upstream") == 0)
        return NULL;
    const unsigned char *text = ascii_of(normal, size);
    return text != NULL && *size > 0 ? text : NULL;
}

static int asked(PyObject *otherwise, PyObject *tag) {
    PyObject *answer = PyErr_Occurred() ? NULL : PyObject_CallFunctionObjArgs(otherwise, tag, NULL);
    Py_XDECREF(answer);
    return answer != NULL;
}

PyObject *add_needles(PyObject *module, PyObject *args) {
    Needles into;
    PyObject *tags, *otherwise;
    Py_ssize_t longest, size;
    if (!PyArg_ParseTuple(args, "O!(OOO)nO!O!O!O!O!O!O!O!O!O!O!O", &PyList_Type, &tags, &into.word, &into.local_part,
                          &into.domain, &longest, &PyDict_Type, &into.truths,
                          &PyDict_Type, &into.whole, &PyDict_Type, &into.parts, &PyDict_Type, &into.beginnings,
                          &PyDict_Type, &into.domains, &PyList_Type, &into.contained, &PyList_Type, &into.booleans,
                          &PyList_Type, &into.longs, &PyList_Type, &into.shorts, &PyList_Type, &into.opened,
                          &PyList_Type, &into.quoted, &otherwise))
        return NULL;
    for (Py_ssize_t at = 0; at < PyList_Size(tags); at++) {
        PyObject *tag = PyList_GetItem(tags, at);
        const unsigned char *text = ordinary(tag, longest, &size);
        Py_INCREF(tag);
        int well = text != NULL ? add_needle(&into, tag, PyTuple_GetItem(tag, NORMAL), text, size) : asked(otherwise, tag);
        Py_DECREF(tag);
        if (!well)
            return NULL;
    }
    Py_RETURN_NONE;
}

/* --- values without what separates their letters and digits ------------------------------------------------------ */

/* The words of a name, each without separators: the last ones before the others, once for each place to cut at. */
static int add_family_first(PyObject *found, PyObject *tag, const unsigned char *bare, const Py_ssize_t *starts, int words) {
    unsigned char turned[SHORT];
    Py_ssize_t size = starts[words];
    for (int word = 1; word < words; word++) {
        Py_ssize_t first = starts[word];
        memcpy(turned, bare + first, (size_t)(size - first));
        memcpy(turned + size - first, bare, (size_t)first);
        if (!add_under(found, cut(turned, size), kept(tag)))
            return 0;
    }
    return 1;
}

static int add_compact(PyObject *found, PyObject *tag, const unsigned char *text, Py_ssize_t size) {
    unsigned char bare[SHORT];
    Py_ssize_t length = 0, starts[MOST_OF_NAME + 1] = {0};
    int words = 1, is_name = 1;
    for (Py_ssize_t at = 0; at < size; at++) {
        unsigned char c = text[at];
        if (is_alnum(c))
            bare[length++] = c;
        else if (c == ' ' && words++ < MOST_OF_NAME)
            starts[words - 1] = length;
        is_name &= c != '@' && c != ',' && !is_digit(c);
    }
    if (length >= SHORTEST_COMPACT && !add_under(found, cut(bare, length), kept(tag)))
        return 0;
    if (!is_name || words < 2 || words > MOST_OF_NAME || length == 0)
        return 1;
    starts[words] = length;
    return add_family_first(found, tag, bare, starts, words);
}

/* --- values of digits -------------------------------------------------------------------------------------------- */

/* (tag, its digits), where there are so many that it may have other spellings: a number, date or phone number. */
static int add_digits(PyObject *found, PyObject *tag, const unsigned char *text, Py_ssize_t size) {
    unsigned char digits[SHORT];
    Py_ssize_t count = 0;
    for (Py_ssize_t at = 0; at < size; at++)
        if (is_digit(text[at]))
            digits[count++] = text[at];
    int is_long = count >= 3 || memchr(text, 'e', (size_t)size) != NULL;
    if (!(count >= 5 || (count >= 3 && memchr(text, ':', (size_t)size) != NULL) || (2 * count >= size && is_long)))
        return 1;
    PyObject *pair = Py_BuildValue("(Os#)", tag, digits, count);
    int well = pair != NULL && PyList_Append(found, pair) == 0;
    Py_XDECREF(pair);
    return well;
}

/* What each of some short tags adds to ``found``; of those that are not ordinary, ``otherwise`` does. */
static PyObject *each(PyObject *args, PyTypeObject *type, int (*add)(PyObject *, PyObject *, const unsigned char *, Py_ssize_t)) {
    PyObject *tags, *found, *otherwise;
    Py_ssize_t size;
    if (!PyArg_ParseTuple(args, "O!O!O", &PyList_Type, &tags, type, &found, &otherwise))
        return NULL;
    for (Py_ssize_t at = 0; at < PyList_Size(tags); at++) {
        PyObject *tag = PyList_GetItem(tags, at);
        const unsigned char *text = ordinary(tag, SHORT, &size);
        Py_INCREF(tag);
        int well = text != NULL ? add(found, tag, text, size) : asked(otherwise, tag);
        Py_DECREF(tag);
        if (!well)
            return NULL;
    }
    Py_RETURN_NONE;
}

PyObject *add_compacts(PyObject *module, PyObject *args) {
    return each(args, &PyDict_Type, add_compact);
}

PyObject *add_spelled(PyObject *module, PyObject *args) {
    return each(args, &PyList_Type, add_digits);
}
