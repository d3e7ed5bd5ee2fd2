/* Leaves of a batch that can be told from others by themselves, or hold an address that can. */
#include "specificity.h"

enum { LONGEST_TOLD = 1024 }; /* as in matching/leaves.py */

/* Characters of UTF-8, and whether all of them are ASCII. */
static Py_ssize_t characters_of(const unsigned char *leaf, Py_ssize_t size, int *is_ascii) {
    Py_ssize_t characters = 0;
    unsigned char all = 0;
    for (Py_ssize_t at = 0; at < size; at++) {
        characters += (leaf[at] & 0xc0) != 0x80;
        all |= leaf[at];
    }
    *is_ascii = all < 128;
    return characters;
}

static int may_hold_address(const unsigned char *leaf, Py_ssize_t size) {
    size_t length = (size_t)size;
    return memchr(leaf, '@', length) && (memchr(leaf, ' ', length) || memchr(leaf, ':', length) || memchr(leaf, '=', length));
}

/* (number, leaf, whether it is specific) is one more of those found, unless it is told already. */
static int add_found(PyObject *found, PyObject *told, Py_ssize_t number, const unsigned char *leaf, Py_ssize_t size,
                     PyObject *specific) {
    PyObject *text = PyUnicode_FromStringAndSize((const char *)leaf, size);
    int is_told = text == NULL ? -1 : PyDict_Contains(told, text);
    PyObject *one = is_told == 0 ? Py_BuildValue("(nOO)", number, text, specific) : NULL;
    int well = is_told == 1 || (one != NULL && PyList_Append(found, one) == 0);
    Py_XDECREF(one);
    Py_XDECREF(text);
    return well;
}

PyObject *specific_leaves(PyObject *module, PyObject *args) {
    const unsigned char *text;
    Py_ssize_t size, most, number = 0, looked_at = 0;
    PyObject *pair, *told;
    Common common;
    if (!PyArg_ParseTuple(args, "s#OO!n", &text, &size, &pair, &PyDict_Type, &told, &most) || !opened_common(pair, &common))
        return NULL;
    PyObject *found = PyList_New(0);
    int well = found != NULL;
    const unsigned char *leaf = text, *end = text + size;
    for (; well && leaf <= end; number++) {
        const unsigned char *next = end_of_part(leaf, end);
        Py_ssize_t length = next - leaf;
        int is_ascii = 1;
        if (length >= SHORTEST_SPECIFIC && characters_of(leaf, length, &is_ascii) >= SHORTEST_SPECIFIC && looked_at++ < most) {
            int is_one = is_ascii && length <= LONGEST_TOLD && is_specific_ascii(&common, leaf, length);
            if (is_one || !is_ascii || may_hold_address(leaf, length))
                well = add_found(found, told, number, leaf, length, !is_ascii ? Py_None : is_one ? Py_True : Py_False);
        }
        leaf = next + 1;
    }
    if (well)
        return Py_BuildValue("Nn", found, looked_at);
    Py_XDECREF(found);
    return NULL;
}
