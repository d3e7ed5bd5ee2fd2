/* Leaves of a batch: which of them tell as they are, which may hold more, and how they begin and end. */
#include "speedups.h"

/* As in otel_provenance/matching/edges.py, and fieldnames.py. */
enum { LONGEST_EDGE = 4, LONGEST_MASKED = 48, STEM = 32, LONGEST_NAME = 400 };

/* The name that a leaf stands under: its key, of an item its list's; what an origin has is its first item, a path. */
static PyObject *name_at(PyObject *key, PyObject *around) {
    while (!PyUnicode_Check(key)) {
        if (!PyTuple_Check(around) || PyTuple_Size(around) != 2) {
            PyErr_SetString(PyExc_TypeError, "not a place");
            return NULL;
        }
        if (!PyTuple_CheckExact(around))
            return PyTuple_GetItem(around, 0);
        key = PyTuple_GetItem(around, 1);
        around = PyTuple_GetItem(around, 0);
    }
    return key;
}

PyObject *last_keys(PyObject *module, PyObject *place) {
    PyObject *last = NULL;
    while (PyTuple_CheckExact(place) && PyTuple_Size(place) == 2) {
        PyObject *key = PyTuple_GetItem(place, 1);
        place = PyTuple_GetItem(place, 0);
        if (PyLong_CheckExact(key))
            continue;
        if (!PyUnicode_CheckExact(key) || PyUnicode_GetLength(key) > LONGEST_NAME)
            Py_RETURN_NONE;
        if (last != NULL)
            return PyTuple_Pack(2, key, last);
        last = key;
    }
    PyObject *path = PyTuple_Check(place) && PyTuple_Size(place) == 2 ? PyTuple_GetItem(place, 0) : NULL;
    if (last == NULL || path == NULL || !PyUnicode_Check(path) || PyUnicode_GetLength(path) > 0)
        Py_RETURN_NONE;
    return PyTuple_Pack(1, last);
}

static int append_number(PyObject *list, Py_ssize_t number) {
    PyObject *value = PyLong_FromSsize_t(number);
    int failed = value == NULL || PyList_Append(list, value) < 0;
    Py_XDECREF(value);
    return !failed;
}

/* (leaf, name) → its places, one more: 0 with an error where that fails. */
static int add_to_group(PyObject *groups, PyObject *leaf, PyObject *name, Py_ssize_t at) {
    PyObject *group = name == NULL ? NULL : PyTuple_Pack(2, leaf, name);
    if (group == NULL)
        return 0;
    PyObject *places = PyDict_GetItemWithError(groups, group);
    int well = places != NULL;
    if (places == NULL && !PyErr_Occurred() && (places = PyList_New(0)) != NULL) {
        well = PyDict_SetItem(groups, group, places) == 0;
        Py_DECREF(places); /* the dict keeps it */
    }
    Py_DECREF(group);
    return well && append_number(places, at);
}

/* Leaves met before, by hash and by what they say. */
typedef struct {
    uint32_t hash, start, end; /* end 0: empty */
} Known;

static int is_new(Known *known, uint32_t mask, uint64_t hash, const unsigned char *text, uint32_t start, uint32_t end) {
    uint32_t at = (uint32_t)(hash >> 32) & mask;
    for (; known[at].end; at = (at + 1) & mask)
        if (known[at].hash == (uint32_t)hash && known[at].end - known[at].start == end - start &&
            memcmp(text + known[at].start, text + start, end - start) == 0)
            return 0;
    known[at].hash = (uint32_t)hash;
    known[at].start = start;
    known[at].end = end;
    return 1;
}

/* Whether UTF-8 has two characters at most. */
static int is_tiny(const unsigned char *leaf, Py_ssize_t size) {
    Py_ssize_t characters = 0;
    if (size > 8)
        return 0;
    for (Py_ssize_t at = 0; at < size; at++)
        characters += (leaf[at] & 0xc0) != 0x80;
    return characters <= 2;
}

/* A table of texts, of ``least`` to ``most`` bytes each, by a hash of them. */
static PyObject *table_of(PyObject *texts, uint64_t (*hash)(const unsigned char *, Py_ssize_t), Py_ssize_t least,
                          Py_ssize_t most) {
    Py_ssize_t count = PyList_Size(texts), size;
    if (count < 0)
        return NULL;
    Table table;
    PyObject *made = new_table(count, &table);
    for (Py_ssize_t at = 0; made != NULL && at < count; at++) {
        const char *text = PyUnicode_AsUTF8AndSize(PyList_GetItem(texts, at), &size);
        if (text != NULL && size >= least && size <= most) {
            uint64_t hashed = hash((const unsigned char *)text, size);
            slot_of(&table, hashed)->hash = (uint32_t)hashed;
            continue;
        }
        if (text != NULL)
            PyErr_Format(PyExc_ValueError, "a text of %zd bytes, not of %zd to %zd", size, least, most);
        Py_CLEAR(made);
    }
    return made;
}

PyObject *leaf_table(PyObject *module, PyObject *leaves) {
    return table_of(leaves, hash_of, 0, PY_SSIZE_T_MAX);
}

/* The chosen parts of a text, between NULs. */
static PyObject *joined(const unsigned char *text, const Known *chosen, Py_ssize_t count) {
    Py_ssize_t size = 0, at = 0;
    for (Py_ssize_t n = 0; n < count; n++)
        size += chosen[n].end - chosen[n].start + 1;
    char *to = PyMem_Malloc(size + 1);
    if (to == NULL)
        return PyErr_NoMemory();
    for (Py_ssize_t n = 0; n < count; n++) {
        memcpy(to + at, text + chosen[n].start, chosen[n].end - chosen[n].start);
        at += chosen[n].end - chosen[n].start;
        to[at++] = 0;
    }
    PyObject *made = PyUnicode_FromStringAndSize(to, count ? at - 1 : 0);
    PyMem_Free(to);
    return made;
}

/* What is left of three parallel lists, one more. */
static int add_leaf(PyObject *left, PyObject *texts, PyObject *arounds, PyObject *keys, Py_ssize_t at) {
    return PyList_Append(PyTuple_GetItem(left, 0), PyList_GetItem(texts, at)) == 0 &&
           PyList_Append(PyTuple_GetItem(left, 1), PyList_GetItem(arounds, at)) == 0 &&
           PyList_Append(PyTuple_GetItem(left, 2), PyList_GetItem(keys, at)) == 0;
}

PyObject *settle(PyObject *module, PyObject *args) {
    const unsigned char *text;
    const char *data;
    Py_ssize_t size, data_size, count, kept = 0, at = 0;
    PyObject *texts, *arounds, *keys, *telling, *settled, *rest = NULL;
    Table table;
    if (!PyArg_ParseTuple(args, "s#O!O!O!y#OO!", &text, &size, &PyList_Type, &texts, &PyList_Type, &arounds, &PyList_Type,
                          &keys, &data, &data_size, &telling, &PyDict_Type, &settled) ||
        !opened(data, data_size, &table))
        return NULL;
    count = PyList_Size(texts);
    if (PyList_Size(arounds) != count || PyList_Size(keys) != count || size >= UINT32_MAX)
        return PyErr_Format(PyExc_ValueError, "lists of different lengths, or too long a text");
    uint32_t mask = 3;
    while (mask < 2 * count && mask < size)
        mask = 2 * mask + 1;
    Known *known = PyMem_Calloc((size_t)mask + 1, sizeof(Known)), *kept_at = PyMem_Calloc(count + 1, sizeof(Known));
    if (known == NULL || kept_at == NULL)
        PyErr_NoMemory();
    PyObject *groups = PyDict_New(), *left = Py_BuildValue("[][][]");
    int well = known != NULL && kept_at != NULL && groups != NULL && left != NULL;
    const unsigned char *leaf = text, *end = text + size;
    for (; well && at < count && leaf <= end; at++) {
        const unsigned char *next = end_of_part(leaf, end);
        uint64_t hash = hash_of(leaf, next - leaf);
        int is_settled = 0;
        if (slot_of(&table, hash)->hash) {
            PyObject *it = PyUnicode_FromStringAndSize((const char *)leaf, next - leaf);
            int is_telling = it == NULL ? -1 : PySet_Contains(telling, it);
            if (is_telling > 0)
                well = add_to_group(groups, it, name_at(PyList_GetItem(keys, at), PyList_GetItem(arounds, at)), at);
            is_settled = it == NULL ? -1 : PyDict_Contains(settled, it);
            well = well && is_telling >= 0 && is_settled >= 0;
            Py_XDECREF(it);
        }
        uint32_t start = (uint32_t)(leaf - text), stop = (uint32_t)(next - text);
        if (well && !is_settled && (count == 1 || (!is_tiny(leaf, next - leaf) &&
                                                   is_new(known, mask, hash, text, start, stop)))) {
            kept_at[kept].start = start;
            kept_at[kept++].end = stop;
            well = add_leaf(left, texts, arounds, keys, at);
        }
        leaf = next + 1;
    }
    if (well && (at != count || leaf <= end)) {
        PyErr_SetString(PyExc_ValueError, "not so many leaves");
        well = 0;
    }
    if (well && kept == count) {
        Py_INCREF(Py_None);
        rest = Py_None;
    } else if (well) {
        rest = joined(text, kept_at, kept);
    }
    PyMem_Free(known);
    PyMem_Free(kept_at);
    if (rest != NULL)
        return Py_BuildValue("NNN", groups, left, rest);
    Py_XDECREF(groups);
    Py_XDECREF(left);
    return NULL;
}

/* Four bytes as a number: the hash of an edge. */
static uint64_t packed(const unsigned char *text, Py_ssize_t size) {
    uint64_t number = (uint64_t)size;
    for (Py_ssize_t at = 0; at < size; at++)
        number = number << 8 | text[at];
    return mixed(number);
}

PyObject *edge_table(PyObject *module, PyObject *edges) {
    return table_of(edges, packed, 1, LONGEST_EDGE);
}

static int holds(const Table *table, const unsigned char *edge, Py_ssize_t size) {
    return slot_of(table, packed(edge, size))->hash != 0;
}

/* Whether a leaf that begins like a value may be its beginning: a long one for longer, or it says that it goes on. */
static int may_be_begun(const Table *stems, const unsigned char *leaf, Py_ssize_t length) {
    return length <= LONGEST_MASKED || leaf[length - 1] == '.' || leaf[length - 1] == ' ' ||
           slot_of(stems, hash_of(leaf, STEM))->hash != 0;
}

PyObject *leaf_edges(PyObject *module, PyObject *args) {
    const unsigned char *text;
    const char *data[4];
    Py_ssize_t size, sizes[4], number = 0;
    Table heads, pairs, tails, stems;
    if (!PyArg_ParseTuple(args, "s#y#y#y#y#", &text, &size, &data[0], &sizes[0], &data[1], &sizes[1], &data[2],
                          &sizes[2], &data[3], &sizes[3]) ||
        !opened(data[0], sizes[0], &heads) || !opened(data[1], sizes[1], &pairs) ||
        !opened(data[2], sizes[2], &tails) || !opened(data[3], sizes[3], &stems))
        return NULL;
    PyObject *begun = PyList_New(0), *paired = PyList_New(0), *ended = PyList_New(0);
    int well = begun != NULL && paired != NULL && ended != NULL;
    const unsigned char *leaf = text, *end = text + size;
    for (; well && leaf <= end; number++) {
        const unsigned char *next = end_of_part(leaf, end);
        Py_ssize_t length = next - leaf;
        if (length >= 2 && holds(&pairs, leaf, 2))
            well = append_number(paired, number);
        if (well && length >= 4 && holds(&heads, leaf, 4) && may_be_begun(&stems, leaf, length))
            well = append_number(begun, number);
        if (well && length >= 4 && holds(&tails, next - 4, 4))
            well = append_number(ended, number);
        leaf = next + 1;
    }
    if (well)
        return Py_BuildValue("NNN", begun, paired, ended);
    Py_XDECREF(begun);
    Py_XDECREF(paired);
    Py_XDECREF(ended);
    return NULL;
}
