/* What the rooms of this extension share: the stable ABI of Python 3.10, and how characters are told apart. */
#ifndef OTEL_PROVENANCE_SPEEDUPS_H
#define OTEL_PROVENANCE_SPEEDUPS_H

#define Py_LIMITED_API 0x030A0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

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

/* A table of hashes: see tables.c. */
typedef struct {
    uint32_t hash; /* 0: empty */
    uint32_t number;
} Slot;
typedef struct {
    Slot *slots;
    uint32_t mask;
} Table;
uint64_t mixed(uint64_t hash);
uint64_t hash_of(const unsigned char *word, Py_ssize_t size);
Slot *slot_of(const Table *table, uint64_t hash);
/* A bytes object of empty slots for so many entries. */
PyObject *new_table(Py_ssize_t entries, Table *table);
/* 0, and an error, where the bytes are none. */
int opened(const char *data, Py_ssize_t size, Table *table);

/* Where a part of a joined text ends: at the next NUL, or with the text. */
static inline const unsigned char *end_of_part(const unsigned char *part, const unsigned char *end) {
    const unsigned char *next = memchr(part, 0, (size_t)(end - part));
    return next == NULL ? end : next;
}

/* Each is documented in otel_provenance_speedups/__init__.pyi. */
PyObject *normal_ascii(PyObject *module, PyObject *text);
PyObject *plausible_runs(PyObject *module, PyObject *args);
PyObject *is_plain(PyObject *module, PyObject *text);
PyObject *word_table(PyObject *module, PyObject *words);
PyObject *words_in(PyObject *module, PyObject *args);
PyObject *gram_table(PyObject *module, PyObject *args);
PyObject *shares_gram(PyObject *module, PyObject *args);
PyObject *walk(PyObject *module, PyObject *args);
PyObject *json_span(PyObject *module, PyObject *args);
PyObject *last_keys(PyObject *module, PyObject *place);
PyObject *leaf_table(PyObject *module, PyObject *leaves);
PyObject *settle(PyObject *module, PyObject *args);
PyObject *edge_table(PyObject *module, PyObject *edges);
PyObject *leaf_edges(PyObject *module, PyObject *args);
PyObject *trigram_table(PyObject *module, PyObject *values);
PyObject *may_hold_any(PyObject *module, PyObject *args);
PyObject *sieve_table(PyObject *module, PyObject *args);
PyObject *sift(PyObject *module, PyObject *args);
PyObject *common_table(PyObject *module, PyObject *words);
PyObject *specificity(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *is_specific(PyObject *module, PyObject *const *args, Py_ssize_t count);
PyObject *specific_leaves(PyObject *module, PyObject *args);
PyObject *add_needles(PyObject *module, PyObject *args);
PyObject *add_compacts(PyObject *module, PyObject *args);
PyObject *add_spelled(PyObject *module, PyObject *args);

#endif
