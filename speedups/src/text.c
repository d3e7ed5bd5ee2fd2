/* The normal form of ASCII text. */
#include "speedups.h"

enum { FOLDED = 1, SPACED = 2 };

/* Letters lower, white space a space: FOLDED if that changed any, SPACED if spaces are left that have to go.
 * No branch depends on a byte, so that compilers make vectors of it. */
static int fold(const unsigned char *from, unsigned char *to, Py_ssize_t size) {
    unsigned char changed = 0, crowded = 0;
    for (Py_ssize_t at = 0; at < size; at++) {
        unsigned char c = from[at];
        unsigned char upper = (unsigned char)(c - 'A') < 26;
        unsigned char white = ((unsigned char)(c - 9) < 5) | ((unsigned char)(c - 28) < 4);
        to[at] = white ? ' ' : c | (unsigned char)(upper << 5);
        changed |= upper | white;
    }
    for (Py_ssize_t at = 1; at < size; at++) {
        unsigned char before = to[at - 1], c = to[at];
        crowded |= ((before == ' ') | (before == '\0')) & ((c == ' ') | (c == '\0')) & ((before | c) != '\0');
    }
    if (size && (to[0] == ' ' || to[size - 1] == ' '))
        crowded = 1;
    return (changed ? FOLDED : 0) | (crowded ? SPACED : 0);
}

/* One space between words, none where a part begins or ends; in place, the size that is left. */
static Py_ssize_t single_spaced(unsigned char *text, Py_ssize_t size) {
    Py_ssize_t end = 0;
    int space = 0;
    for (Py_ssize_t at = 0; at < size; at++) {
        unsigned char c = text[at];
        if (c == ' ') {
            space = end > 0 && text[end - 1] != '\0';
            continue;
        }
        if (space && c != '\0')
            text[end++] = ' ';
        space = 0;
        text[end++] = c;
    }
    return end;
}

PyObject *normal_ascii(PyObject *module, PyObject *text) {
    Py_ssize_t size;
    const unsigned char *from = (const unsigned char *)PyUnicode_AsUTF8AndSize(text, &size);
    if (from == NULL)
        return NULL;
    unsigned char *to = PyMem_Malloc(size ? size : 1);
    if (to == NULL)
        return PyErr_NoMemory();
    int found = fold(from, to, size);
    PyObject *normal = text;
    if (found) {
        if (found & SPACED)
            size = single_spaced(to, size);
        normal = PyUnicode_FromStringAndSize((const char *)to, size);
    } else {
        Py_INCREF(normal);
    }
    PyMem_Free(to);
    return normal;
}
