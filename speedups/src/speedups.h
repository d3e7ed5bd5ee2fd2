/* What the rooms of this extension share: the stable ABI of Python 3.10, and how characters are told apart. */
#ifndef OTEL_PROVENANCE_SPEEDUPS_H
#define OTEL_PROVENANCE_SPEEDUPS_H

#define Py_LIMITED_API 0x030A0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

enum {
    LOWER = 1,
    UPPER = 2,
    DIGIT = 4,
    HEX = 8,
    BASE32 = 16,
    WORD = 32, /* letters, digits, and all that is not ASCII */
    RUN = 64,  /* what base64 and its dialects are spelled with */
};
extern const unsigned char CLASS_OF[256];

/* Each is documented in otel_provenance_speedups/__init__.pyi. */
PyObject *normal_ascii(PyObject *module, PyObject *text);
PyObject *plausible_runs(PyObject *module, PyObject *args);
PyObject *word_table(PyObject *module, PyObject *words);
PyObject *words_in(PyObject *module, PyObject *args);
PyObject *gram_table(PyObject *module, PyObject *args);
PyObject *shares_gram(PyObject *module, PyObject *args);
PyObject *walk(PyObject *module, PyObject *args);
PyObject *fresh_leaves(PyObject *module, PyObject *args);
PyObject *json_span(PyObject *module, PyObject *args);

#endif
