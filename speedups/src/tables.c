/* Tables of hashes that are bytes objects: an array of slots, a power of two of them, at most half full (linear
 * probing). Two entries of one hash, of 32 bits, are taken for one: who asks uses the answer to leave out what cannot
 * match, and looks at the rest itself. */
#include "speedups.h"

/* splitmix64's last steps; the lower half, by which a slot tells its hash, is never 0. */
uint64_t mixed(uint64_t hash) {
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
    hash ^= hash >> 31;
    return (uint32_t)hash ? hash : hash | 1;
}

/* Where the upper half of a hash says, or behind that; the lower half tells it from others. */
Slot *slot_of(const Table *table, uint64_t hash) {
    uint32_t at = (uint32_t)(hash >> 32) & table->mask;
    while (table->slots[at].hash && table->slots[at].hash != (uint32_t)hash)
        at = (at + 1) & table->mask;
    return table->slots + at;
}

PyObject *new_table(Py_ssize_t entries, Table *table) {
    uint32_t count = 4;
    if (entries > 1 << 28)
        return PyErr_NoMemory();
    while (count < 2 * (uint32_t)entries)
        count *= 2;
    PyObject *made = PyBytes_FromStringAndSize(NULL, count * sizeof(Slot));
    if (made == NULL)
        return NULL;
    table->slots = (Slot *)PyBytes_AsString(made);
    table->mask = count - 1;
    memset(table->slots, 0, count * sizeof(Slot));
    return made;
}

int opened(const char *data, Py_ssize_t size, Table *table) {
    Py_ssize_t count = size / (Py_ssize_t)sizeof(Slot);
    if (count < 4 || (count & (count - 1)) || size % (Py_ssize_t)sizeof(Slot)) {
        PyErr_SetString(PyExc_ValueError, "no table");
        return 0;
    }
    table->slots = (Slot *)data;
    table->mask = (uint32_t)count - 1;
    return 1;
}
