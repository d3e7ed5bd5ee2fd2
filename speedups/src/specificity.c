/* How much a value says, in bits, and which leaves say enough: as matching/specificity.py has it, for ASCII. */
#include "specificity.h"

static const double LETTER_BITS = 1.65, MIXED_BITS = 3.2, COMMON_BITS = 1.0, SPACE_BITS = 1.0, JOINED_BITS = 3.5;
static const double SPECIFIC = 14.0;
enum { SURELY = 16, LONGEST_COMMON = 24 };

static int is_name(unsigned char c) { /* \w */
    return is_alnum(c) || c == '_';
}

/* --- common words: slots by hash, whose numbers say where each word stands behind them, with its NUL ------------- */

PyObject *common_table(PyObject *module, PyObject *words) {
    Py_ssize_t count = PyList_Size(words), size, all = 0;
    if (count < 0)
        return NULL;
    for (Py_ssize_t at = 0; at < count; at++) {
        if (PyUnicode_AsUTF8AndSize(PyList_GetItem(words, at), &size) == NULL)
            return NULL;
        if (size > LONGEST_COMMON)
            return PyErr_Format(PyExc_ValueError, "a word of %zd bytes, not of %d", size, LONGEST_COMMON);
        all += size + 1;
    }
    Table table;
    PyObject *slots = new_table(count, &table);
    PyObject *made = NULL, *texts = slots == NULL ? NULL : PyBytes_FromStringAndSize(NULL, all);
    if (texts != NULL) {
        char *to = PyBytes_AsString(texts);
        Py_ssize_t used = 0;
        for (Py_ssize_t at = 0; at < count; at++) {
            const char *word = PyUnicode_AsUTF8AndSize(PyList_GetItem(words, at), &size);
            uint64_t hash = hash_of((const unsigned char *)word, size);
            /* of two words of one hash each has a slot of its own */
            uint32_t slot = (uint32_t)(hash >> 32) & table.mask;
            while (table.slots[slot].hash)
                slot = (slot + 1) & table.mask;
            table.slots[slot].hash = (uint32_t)hash;
            table.slots[slot].number = (uint32_t)used;
            memcpy(to + used, word, (size_t)size + 1);
            used += size + 1;
        }
        made = PyTuple_Pack(2, slots, texts);
    }
    Py_XDECREF(slots);
    Py_XDECREF(texts);
    return made;
}

int opened_common(PyObject *pair, Common *common) {
    char *slots, *words;
    Py_ssize_t size;
    if (!PyTuple_Check(pair) || PyTuple_Size(pair) != 2) {
        PyErr_SetString(PyExc_TypeError, "not what common_table made");
        return 0;
    }
    if (PyBytes_AsStringAndSize(PyTuple_GetItem(pair, 0), &slots, &size) < 0 || !opened(slots, size, &common->table) ||
        PyBytes_AsStringAndSize(PyTuple_GetItem(pair, 1), &words, &common->size) < 0)
        return 0;
    common->words = (const unsigned char *)words;
    return 1;
}

static int is_common(const Common *common, const unsigned char *word, Py_ssize_t size) {
    if (size > LONGEST_COMMON)
        return 0;
    uint64_t hash = hash_of(word, size);
    uint32_t at = (uint32_t)(hash >> 32) & common->table.mask;
    for (; common->table.slots[at].hash; at = (at + 1) & common->table.mask) {
        Slot *slot = common->table.slots + at;
        if (slot->hash == (uint32_t)hash && (Py_ssize_t)slot->number + size < common->size &&
            memcmp(common->words + slot->number, word, (size_t)size) == 0 && common->words[slot->number + size] == 0)
            return 1;
    }
    return 0;
}

/* --- addresses, codes, words ------------------------------------------------------------------------------------- */

static int is_email(const unsigned char *text, Py_ssize_t size) {
    const unsigned char *end = text + size, *domain = memchr(text, '@', (size_t)size);
    if (domain == NULL || domain == text || domain - text > 64)
        return 0;
    for (const unsigned char *c = text; c < domain; c++)
        if (*c == 0 || (!is_name(*c) && strchr(".!#$%&'*+/=?^`{|}~-", *c) == NULL))
            return 0;
    int labels = 0;
    for (const unsigned char *label = domain + 1;; labels++) {
        const unsigned char *c = label;
        while (c < end && (is_name(*c) || *c == '-'))
            c++;
        if (c < end && *c == '.') {
            if (c == label || c - label > 63)
                return 0;
            label = c + 1;
            continue;
        }
        return c == end && labels >= 1 && labels <= 8 && c - label >= 2 && c - label <= 63 &&
               (CLASS_OF[*label] & LOWER) != 0;
    }
}

static int is_uuid(const unsigned char *text, Py_ssize_t size) {
    for (Py_ssize_t at = 0; at < size; at++) {
        int is_dash = at == 8 || at == 13 || at == 18 || at == 23;
        if (is_dash ? text[at] != '-' : !(CLASS_OF[text[at]] & HEX) || (CLASS_OF[text[at]] & UPPER))
            return 0;
    }
    return size == 36;
}

/* Many digits, few letters, separators between groups; a NUL is none of these, and counts. */
static int is_coded_number(const unsigned char *text, Py_ssize_t size) {
    unsigned char bare[40];
    Py_ssize_t length = 0, count = 0;
    for (Py_ssize_t at = 0; at < size; at++)
        if (is_alnum(text[at]) || text[at] == 0) {
            bare[length++] = text[at];
            count += is_digit(text[at]) || text[at] == 0;
        }
    return 12 <= count && count <= 34 && count >= length - 6 && different(bare, length, 2) > 2;
}

static double bits_of_word(const Common *common, const unsigned char *word, Py_ssize_t size) {
    if (is_common(common, word, size))
        return COMMON_BITS;
    if (all_of(word, size, is_digit))
        return bits_of_digits(word, size);
    return times((double)size, all_of(word, size, is_letter) ? LETTER_BITS : MIXED_BITS);
}

static double bits_of(const Common *common, const unsigned char *text, Py_ssize_t size) {
    if (size > LONGEST_WEIGHED)
        return MOST;
    if (size == 0)
        return 0.0;
    if (is_common(common, text, size))
        return COMMON_BITS;
    if (all_of(text, size, is_letter))
        return lesser(times((double)size, LETTER_BITS), different(text, size, 2) <= 2 ? 4.0 : MOST);
    if (is_email(text, size))
        return 30.0;
    if (is_digit(text[0]) || text[0] == '+' || text[0] == '-') {
        double bits = bits_of_numeric(text, size);
        if (bits != NO_NUMBER)
            return bits;
    }
    if (size == 36 && is_uuid(text, size))
        return MOST;
    if (12 <= size && size <= 40 && is_coded_number(text, size))
        return 24.0;
    if (different(text, size, 2) <= 2)
        return lesser(4.0, times((double)size, LETTER_BITS));
    double between = memchr(text, ' ', (size_t)size) ? SPACE_BITS : JOINED_BITS, bits = -between;
    for (Py_ssize_t at = 0; at < size;) {
        Py_ssize_t start = at;
        while (at < size && is_alnum(text[at]))
            at++;
        if (at == start) {
            at++;
            continue;
        }
        bits += between + bits_of_word(common, text + start, at - start);
        if (bits >= MOST)
            return MOST;
    }
    return bits > 0.0 ? bits : 0.0;
}

int is_specific_ascii(const Common *common, const unsigned char *text, Py_ssize_t size) {
    if (size < SHORTEST_SPECIFIC || is_common(common, text, size))
        return 0;
    if (different(text, size < 8 ? size : 8, 3) <= 3 && different(text, size, 3) <= 3)
        return 0;
    if (size >= SURELY || memchr(text, '@', (size_t)size) != NULL)
        return 1;
    if (all_of(text, size, is_letter))
        return size >= 9;
    return bits_of(common, text, size) >= SPECIFIC;
}

const unsigned char *ascii_of(PyObject *text, Py_ssize_t *size) {
    const char *data = PyUnicode_AsUTF8AndSize(text, size);
    if (data == NULL && PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) /* lone surrogates */
        PyErr_Clear();
    return data != NULL && PyUnicode_GetLength(text) == *size ? (const unsigned char *)data : NULL;
}

static int three(Py_ssize_t count) {
    if (count != 3)
        PyErr_SetString(PyExc_TypeError, "three arguments");
    return count == 3;
}

PyObject *specificity(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    Common common;
    Py_ssize_t size;
    if (!three(count) || !opened_common(args[0], &common))
        return NULL;
    const unsigned char *text = ascii_of(args[2], &size);
    if (text != NULL)
        return PyFloat_FromDouble(bits_of(&common, text, size));
    return PyErr_Occurred() ? NULL : PyObject_CallFunctionObjArgs(args[1], args[2], NULL);
}

PyObject *is_specific(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    Common common;
    Py_ssize_t size;
    if (!three(count) || !opened_common(args[0], &common))
        return NULL;
    const unsigned char *text = ascii_of(args[2], &size);
    if (text != NULL)
        return PyBool_FromLong(is_specific_ascii(&common, text, size));
    return PyErr_Occurred() ? NULL : PyObject_CallFunctionObjArgs(args[1], args[2], NULL);
}
