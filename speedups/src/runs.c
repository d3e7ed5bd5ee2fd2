/* Runs of a text that may be encoded. The rules are those of otel_provenance/matching/runs.py. */
#include "speedups.h"

#define SHORTEST 8
#define WRAPPED 40 /* of a line of base64 that goes on in the next one */

static int is_hex_of_text(const unsigned char *run, Py_ssize_t size) {
    for (Py_ssize_t at = 0; at < size; at += 2)
        if (run[at] < '2' || run[at] > '7')
            return 0;
    return size % 2 == 0;
}

/* ``any``: the classes that some byte of the run has; ``all``: those that each has. */
static int is_plausible(const unsigned char *run, Py_ssize_t size, unsigned char any, unsigned char all) {
    int is_lower = (any & (LOWER | UPPER)) == LOWER, is_upper = (any & (LOWER | UPPER)) == UPPER;
    if (size <= 12 && is_lower && !(all & HEX))
        return 0; /* nearly all are words, or words with a number */
    if (all & DIGIT)
        return is_hex_of_text(run, size);
    int is_alpha = 1, is_title = (CLASS_OF[run[0]] & UPPER) != 0;
    for (Py_ssize_t at = 0; is_alpha && at < size; at++) {
        is_alpha = (CLASS_OF[run[at]] & (LOWER | UPPER)) != 0;
        is_title = is_title && (at == 0 || (CLASS_OF[run[at]] & LOWER));
    }
    if (is_alpha)
        return size >= 13 || !(is_lower || is_title || is_upper);
    if (size < 16 && (is_lower || is_upper))
        return (all & HEX) || (is_upper && (all & BASE32));
    return (any & (LOWER | UPPER)) != 0;
}

/* The bytes of an ASCII text or of bytes, not copied. */
static const unsigned char *bytes_of(PyObject *text, Py_ssize_t *size) {
    char *data = NULL;
    if (PyUnicode_Check(text))
        return (const unsigned char *)PyUnicode_AsUTF8AndSize(text, size);
    return PyBytes_AsStringAndSize(text, &data, size) < 0 ? NULL : (const unsigned char *)data;
}

/* A part of a text as a string of its own; the text itself where it is all of one. */
static PyObject *part_of(PyObject *text, const unsigned char *data, Py_ssize_t start, Py_ssize_t end, Py_ssize_t size) {
    if (start == 0 && end == size && PyUnicode_CheckExact(text)) {
        Py_INCREF(text);
        return text;
    }
    return PyUnicode_FromStringAndSize((const char *)data + start, end - start);
}

PyObject *plausible_runs(PyObject *module, PyObject *args) {
    PyObject *text;
    Py_ssize_t size, at, most;
    if (!PyArg_ParseTuple(args, "Onn", &text, &at, &most))
        return NULL;
    const unsigned char *data = bytes_of(text, &size);
    if (data == NULL)
        return NULL;
    PyObject *runs = PyList_New(0);
    if (runs == NULL)
        return NULL;
    Py_ssize_t enough = most < size - at ? at + most : size;
    while (at < enough) {
        while (at < size && !(CLASS_OF[data[at]] & RUN))
            at++;
        Py_ssize_t start = at;
        unsigned char any = 0, all = 255;
        for (; at < size && (CLASS_OF[data[at]] & RUN); at++) {
            any |= CLASS_OF[data[at]];
            all &= CLASS_OF[data[at]];
        }
        if (at - start >= SHORTEST && is_plausible(data + start, at - start, any, all)) {
            PyObject *run = part_of(text, data, start, at, size);
            if (run == NULL || PyList_Append(runs, run) < 0) {
                Py_XDECREF(run);
                Py_DECREF(runs);
                return NULL;
            }
            Py_DECREF(run);
        }
    }
    return Py_BuildValue("Nn", runs, at);
}

PyObject *is_plain(PyObject *module, PyObject *text) {
    Py_ssize_t size, at = 0;
    const unsigned char *data = bytes_of(text, &size);
    if (data == NULL)
        return NULL;
    while (at < size) {
        unsigned char c = data[at];
        if (c == '%' || c == '&' || c == '\\' || c == '=' || c == '<' || (c == '\'' && at + 1 < size && data[at + 1] == '\''))
            Py_RETURN_FALSE;
        Py_ssize_t start = at;
        unsigned char any = 0, all = 255;
        for (; at < size && (CLASS_OF[data[at]] & RUN); at++) {
            if (data[at] == '+')
                Py_RETURN_FALSE;
            any |= CLASS_OF[data[at]];
            all &= CLASS_OF[data[at]];
        }
        if (at - start >= WRAPPED || (at - start >= SHORTEST && is_plausible(data + start, at - start, any, all)))
            Py_RETURN_FALSE;
        if (at == start)
            at++;
    }
    Py_RETURN_TRUE;
}
