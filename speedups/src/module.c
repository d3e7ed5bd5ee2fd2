#include "speedups.h"

static PyMethodDef methods[] = {
    {"normal_ascii", normal_ascii, METH_O, NULL},
    {"plausible_runs", plausible_runs, METH_VARARGS, NULL},
    {"is_plain", is_plain, METH_O, NULL},
    {"word_table", word_table, METH_O, NULL},
    {"words_in", words_in, METH_VARARGS, NULL},
    {"gram_table", gram_table, METH_VARARGS, NULL},
    {"shares_gram", shares_gram, METH_VARARGS, NULL},
    {"walk", walk, METH_VARARGS, NULL},
    {"json_span", json_span, METH_VARARGS, NULL},
    {"last_keys", last_keys, METH_O, NULL},
    {"leaf_table", leaf_table, METH_O, NULL},
    {"settle", settle, METH_VARARGS, NULL},
    {"edge_table", edge_table, METH_O, NULL},
    {"leaf_edges", leaf_edges, METH_VARARGS, NULL},
    {"trigram_table", trigram_table, METH_O, NULL},
    {"may_hold_any", may_hold_any, METH_VARARGS, NULL},
    {"sieve_table", sieve_table, METH_VARARGS, NULL},
    {"sift", sift, METH_VARARGS, NULL},
    {"common_table", common_table, METH_O, NULL},
    {"specificity", (PyCFunction)(void (*)(void))specificity, METH_FASTCALL, NULL},
    {"is_specific", (PyCFunction)(void (*)(void))is_specific, METH_FASTCALL, NULL},
    {"specific_leaves", specific_leaves, METH_VARARGS, NULL},
    {"add_needles", add_needles, METH_VARARGS, NULL},
    {"add_compacts", add_compacts, METH_VARARGS, NULL},
    {"add_spelled", add_spelled, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "otel_provenance_speedups._speedups", NULL, 0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__speedups(void) {
    return PyModuleDef_Init(&definition);
}
