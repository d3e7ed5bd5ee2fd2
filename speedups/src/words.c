/* Words of a text, and runs of them, looked up by hash in tables that are bytes objects.
 *
 * Two words of one hash are taken for one: who asks uses the answer to leave out what cannot match, and looks at the
 * rest itself. A table is an array of slots, a power of two of them and at most half full (linear probing).
 */
#include "speedups.h"

#define MOST_WORDS_OF_A_GRAM 16
#define BASE 0x9e3779b97f4a7c15u

typedef struct {
    uint32_t hash; /* 0: empty */
    uint32_t number;
} Slot;

/* splitmix64's last steps; the lower half, by which a slot tells its hash, is never 0. */
static uint64_t mixed(uint64_t hash) {
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
    hash ^= hash >> 31;
    return (uint32_t)hash ? hash : hash | 1;
}

/* The next word from *at on: its hash (FNV-1a, mixed), or 0 at the end. */
static uint64_t next_word(const unsigned char *text, Py_ssize_t size, Py_ssize_t *at) {
    Py_ssize_t here = *at;
    while (here < size && !(CLASS_OF[text[here]] & WORD))
        here++;
    if (here == size) {
        *at = here;
        return 0;
    }
    uint64_t hash = 0xcbf29ce484222325u;
    while (here < size && (CLASS_OF[text[here]] & WORD))
        hash = (hash ^ text[here++]) * 0x100000001b3u;
    *at = here;
    return mixed(hash);
}

/* The last words of a text, and a hash of them that is made of the one before (Rabin and Karp). */
typedef struct {
    uint64_t words[MOST_WORDS_OF_A_GRAM];
    uint64_t hash, oldest; /* oldest: what the word that goes counts by now */
    Py_ssize_t length, next, count;
} Gram;

static void begin(Gram *gram, Py_ssize_t length) {
    memset(gram, 0, sizeof(*gram));
    gram->length = length;
    gram->oldest = 1;
    for (Py_ssize_t at = 0; at < length; at++)
        gram->oldest *= BASE;
}

/* Its hash once one more word has come; 0 while there are too few. */
static uint64_t take(Gram *gram, uint64_t word) {
    gram->hash = gram->hash * BASE + word - gram->oldest * gram->words[gram->next];
    gram->words[gram->next] = word;
    gram->next = gram->next + 1 == gram->length ? 0 : gram->next + 1;
    return ++gram->count < gram->length ? 0 : mixed(gram->hash);
}

/* Where the upper half of a hash says, or behind that; the lower half tells it from others. */
static Slot *slot_of(Slot *slots, uint32_t mask, uint64_t hash) {
    uint32_t at = (uint32_t)(hash >> 32) & mask;
    while (slots[at].hash && slots[at].hash != (uint32_t)hash)
        at = (at + 1) & mask;
    return slots + at;
}

/* A bytes object of empty slots for so many entries; the slots themselves in *slots, as many as *mask + 1. */
static PyObject *new_table(Py_ssize_t entries, Slot **slots, uint32_t *mask) {
    uint32_t count = 4;
    if (entries > 1 << 28)
        return PyErr_NoMemory();
    while (count < 2 * (uint32_t)entries)
        count *= 2;
    PyObject *table = PyBytes_FromStringAndSize(NULL, count * sizeof(Slot));
    if (table == NULL)
        return NULL;
    *slots = (Slot *)PyBytes_AsString(table);
    *mask = count - 1;
    memset(*slots, 0, count * sizeof(Slot));
    return table;
}

static int opened(const char *data, Py_ssize_t size, Slot **slots, uint32_t *mask) {
    Py_ssize_t count = size / (Py_ssize_t)sizeof(Slot);
    if (count < 4 || (count & (count - 1)) || size % (Py_ssize_t)sizeof(Slot)) {
        PyErr_SetString(PyExc_ValueError, "no table");
        return 0;
    }
    *slots = (Slot *)data;
    *mask = (uint32_t)count - 1;
    return 1;
}

static int is_length(Py_ssize_t length) {
    if (length >= 1 && length <= MOST_WORDS_OF_A_GRAM)
        return 1;
    PyErr_SetString(PyExc_ValueError, "a gram has 1 to 16 words");
    return 0;
}

PyObject *word_table(PyObject *module, PyObject *words) {
    Py_ssize_t count = PyList_Size(words);
    if (count < 0)
        return NULL;
    Slot *slots;
    uint32_t mask;
    PyObject *table = new_table(count, &slots, &mask);
    if (table == NULL)
        return NULL;
    for (Py_ssize_t number = 0; number < count; number++) {
        char *word;
        Py_ssize_t size, at = 0;
        if (PyBytes_AsStringAndSize(PyList_GetItem(words, number), &word, &size) < 0) {
            Py_DECREF(table);
            return NULL;
        }
        uint64_t hash = next_word((unsigned char *)word, size, &at);
        if (hash) {
            Slot *slot = slot_of(slots, mask, hash);
            slot->hash = (uint32_t)hash;
            slot->number = (uint32_t)number;
        }
    }
    return table;
}

PyObject *words_in(PyObject *module, PyObject *args) {
    const char *table, *text;
    Py_ssize_t table_size, size;
    PyObject *words;
    Slot *slots;
    uint32_t mask;
    uint64_t hash;
    if (!PyArg_ParseTuple(args, "y#O!y#", &table, &table_size, &PyList_Type, &words, &text, &size) ||
        !opened(table, table_size, &slots, &mask))
        return NULL;
    Py_ssize_t count = PyList_Size(words), at = 0;
    unsigned char *seen = PyMem_Calloc(count ? count : 1, 1);
    PyObject *found = PySet_New(NULL);
    if (seen == NULL || found == NULL)
        goto failed;
    while ((hash = next_word((const unsigned char *)text, size, &at))) {
        Slot *slot = slot_of(slots, mask, hash);
        if (slot->hash && slot->number < (uint64_t)count && !seen[slot->number]) {
            seen[slot->number] = 1;
            if (PySet_Add(found, PyList_GetItem(words, slot->number)) < 0)
                goto failed;
        }
    }
    PyMem_Free(seen);
    return found;
failed:
    PyMem_Free(seen);
    Py_XDECREF(found);
    return PyErr_Occurred() ? NULL : PyErr_NoMemory();
}

PyObject *gram_table(PyObject *module, PyObject *args) {
    const unsigned char *text;
    Py_ssize_t size, length, at = 0, count = 0;
    if (!PyArg_ParseTuple(args, "y#n", &text, &size, &length) || !is_length(length))
        return NULL;
    while (next_word(text, size, &at))
        count++;
    Gram gram;
    Slot *slots;
    uint32_t mask;
    uint64_t hash;
    PyObject *table = new_table(count, &slots, &mask);
    if (table == NULL)
        return NULL;
    at = 0;
    begin(&gram, length);
    while ((hash = next_word(text, size, &at)))
        if ((hash = take(&gram, hash)))
            slot_of(slots, mask, hash)->hash = (uint32_t)hash;
    return table;
}

PyObject *shares_gram(PyObject *module, PyObject *args) {
    const unsigned char *text;
    const char *table;
    Py_ssize_t table_size, size, length, at = 0;
    Gram gram;
    Slot *slots;
    uint32_t mask;
    uint64_t hash;
    if (!PyArg_ParseTuple(args, "y#y#n", &table, &table_size, &text, &size, &length) || !is_length(length) ||
        !opened(table, table_size, &slots, &mask))
        return NULL;
    begin(&gram, length);
    while ((hash = next_word(text, size, &at)))
        if ((hash = take(&gram, hash)) && slot_of(slots, mask, hash)->hash)
            Py_RETURN_TRUE;
    Py_RETURN_FALSE;
}
