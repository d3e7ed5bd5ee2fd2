/* Words of a text, and runs of them, looked up by hash. */
#include "speedups.h"

#define MOST_WORDS_OF_A_GRAM 16
#define BASE 0x9e3779b97f4a7c15u

/* Up to eight bytes as a number, the first the lowest. */
static uint64_t load(const unsigned char *from, size_t size) {
    uint64_t number = 0;
    for (size_t at = 0; at < size; at++)
        number |= (uint64_t)from[at] << (8 * at);
    return number;
}

static uint64_t eight(const unsigned char *from) {
    return load(from, 8);
}

#ifdef _MSC_VER
#include <intrin.h>
static int lowest(uint64_t bits) {
    unsigned long at;
    return _BitScanForward64(&at, bits) ? (int)at : 64;
}
#else
static int lowest(uint64_t bits) {
    return bits ? __builtin_ctzll(bits) : 64;
}
#endif

/* Four lanes of eight bytes; what is left is hashed by the caller. */
static uint64_t hash_of_long(const unsigned char *text, Py_ssize_t size) {
    uint64_t hash = 0, lanes[4] = {1, 2, 3, 4};
    for (Py_ssize_t at = 0; at + 32 <= size; at += 32)
        for (int lane = 0; lane < 4; lane++) {
            uint64_t next = (lanes[lane] ^ eight(text + at + 8 * lane)) * BASE;
            lanes[lane] = next ^ next >> 29;
        }
    for (int lane = 0; lane < 4; lane++)
        hash = mixed(hash * BASE ^ lanes[lane]);
    return hash;
}

/* Eight bytes a step; of the last step those that are left, and zeros. Never 0. */
uint64_t hash_of(const unsigned char *word, Py_ssize_t size) {
    uint64_t hash = (uint64_t)size;
    Py_ssize_t at = 0;
    if (size > 64) {
        hash += hash_of_long(word, size);
        at = size & ~(Py_ssize_t)31;
    }
    for (; at + 8 < size; at += 8)
        hash = mixed(hash * BASE ^ eight(word + at));
    return mixed(hash * BASE ^ load(word + at, (size_t)(size - at)));
}

/* The words of a text: which of 64 bytes at a time are letters, digits or not ASCII, a bit for each. */
typedef struct {
    const unsigned char *text;
    Py_ssize_t size, block; /* where the 64 bytes begin */
    uint64_t bits;          /* those not yet told of */
} Words;

static uint64_t bits_at(const unsigned char *text, Py_ssize_t size) {
    unsigned char last[64], is_word[64];
    uint64_t bits = 0;
    if (size < 64) {
        memset(last, 0, 64);
        memcpy(last, text, (size_t)size);
        text = last;
    }
    for (int at = 0; at < 64; at++) { /* no branch depends on a byte, so that compilers make vectors of it */
        unsigned char c = text[at];
        is_word[at] = ((unsigned char)((c | 32) - 'a') < 26) | ((unsigned char)(c - '0') < 10) | (c >> 7);
    }
    for (int at = 0; at < 64; at += 8) /* eight bytes that are 0 or 1 → eight bits */
        bits |= (eight(is_word + at) * 0x0102040810204080u >> 56) << at;
    return bits;
}

static Words words_of(const unsigned char *text, Py_ssize_t size) {
    Words words = {text, size, 0, size ? bits_at(text, size) : 0};
    return words;
}

static void next_block(Words *words) {
    words->block += 64;
    words->bits = words->block < words->size ? bits_at(words->text + words->block, words->size - words->block) : 0;
}

/* The hash of the next word, or 0 at the end. */
static uint64_t next_word(Words *words) {
    while (words->bits == 0) {
        if (words->block + 64 >= words->size)
            return 0;
        next_block(words);
    }
    int first = lowest(words->bits);
    Py_ssize_t start = words->block + first;
    words->bits |= ((uint64_t)1 << first) - 1; /* all before the end of the word are ones now */
    while (words->bits == ~(uint64_t)0)        /* it goes on in the next block */
        next_block(words);
    int length = lowest(~words->bits);
    Py_ssize_t size = words->block + length - start;
    words->bits &= ~(uint64_t)0 << length;
    if (size <= 8 && start + 8 <= words->size) /* nearly always: no branch for how long it is */
        return mixed((uint64_t)size * BASE ^ (eight(words->text + start) & ~(uint64_t)0 >> (64 - 8 * size)));
    return hash_of(words->text + start, size);
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
    Table table;
    PyObject *made = new_table(count, &table);
    if (made == NULL)
        return NULL;
    for (Py_ssize_t number = 0; number < count; number++) {
        char *word;
        Py_ssize_t size;
        if (PyBytes_AsStringAndSize(PyList_GetItem(words, number), &word, &size) < 0) {
            Py_DECREF(made);
            return NULL;
        }
        Words first = words_of((unsigned char *)word, size);
        uint64_t hash = next_word(&first);
        if (hash) {
            Slot *slot = slot_of(&table, hash);
            slot->hash = (uint32_t)hash;
            slot->number = (uint32_t)number;
        }
    }
    return made;
}

PyObject *words_in(PyObject *module, PyObject *args) {
    const char *data, *text;
    Py_ssize_t data_size, size;
    PyObject *listed;
    Table table;
    uint64_t hash;
    if (!PyArg_ParseTuple(args, "y#O!s#", &data, &data_size, &PyList_Type, &listed, &text, &size) ||
        !opened(data, data_size, &table))
        return NULL;
    Py_ssize_t count = PyList_Size(listed);
    Words words = words_of((const unsigned char *)text, size);
    unsigned char *seen = PyMem_Calloc(count ? count : 1, 1);
    PyObject *found = PySet_New(NULL);
    if (seen == NULL || found == NULL)
        goto failed;
    while ((hash = next_word(&words))) {
        Slot *slot = slot_of(&table, hash);
        if (slot->hash && slot->number < (uint64_t)count && !seen[slot->number]) {
            seen[slot->number] = 1;
            if (PySet_Add(found, PyList_GetItem(listed, slot->number)) < 0)
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

/* What a table of grams is: slots that hold hashes, at most half of them, and before them a filter of four bits for each
 * slot: small enough to stay near, it answers nearly always. */
typedef struct {
    unsigned char *filter;
    uint32_t *slots;
    uint32_t mask;
} Grams;

static uint64_t bit_of(const Grams *grams, uint64_t hash) {
    return hash >> 29 & (4 * (uint64_t)grams->mask + 3);
}

static uint32_t *gram_slot(const Grams *grams, uint64_t hash) {
    uint32_t at = (uint32_t)(hash >> 32) & grams->mask;
    while (grams->slots[at] && grams->slots[at] != (uint32_t)hash)
        at = (at + 1) & grams->mask;
    return grams->slots + at;
}

static void lay_out(Grams *grams, char *data, uint32_t slots) {
    grams->filter = (unsigned char *)data;
    grams->slots = (uint32_t *)(data + slots / 2);
    grams->mask = slots - 1;
}

PyObject *gram_table(PyObject *module, PyObject *args) {
    const unsigned char *text;
    Py_ssize_t size, length, count = 0;
    if (!PyArg_ParseTuple(args, "s#n", &text, &size, &length) || !is_length(length))
        return NULL;
    Words words = words_of(text, size);
    while (next_word(&words))
        count++;
    uint32_t slots = 8;
    while (slots < 2 * (uint64_t)count)
        slots *= 2;
    PyObject *made = count > 1 << 28 ? PyErr_NoMemory() : PyBytes_FromStringAndSize(NULL, (Py_ssize_t)slots / 2 * 9);
    if (made == NULL)
        return NULL;
    char *data = PyBytes_AsString(made);
    memset(data, 0, (size_t)slots / 2 * 9);
    Gram gram;
    Grams grams;
    uint64_t hash;
    lay_out(&grams, data, slots);
    begin(&gram, length);
    words = words_of(text, size);
    while ((hash = next_word(&words)))
        if ((hash = take(&gram, hash))) {
            *gram_slot(&grams, hash) = (uint32_t)hash;
            uint64_t bit = bit_of(&grams, hash);
            grams.filter[bit >> 3] |= (unsigned char)(1 << (bit & 7));
        }
    return made;
}

PyObject *shares_gram(PyObject *module, PyObject *args) {
    const unsigned char *text;
    char *data;
    Py_ssize_t data_size, size, length;
    if (!PyArg_ParseTuple(args, "y#s#n", &data, &data_size, &text, &size, &length) || !is_length(length))
        return NULL;
    Py_ssize_t slots = data_size / 9 * 2;
    if (slots < 8 || (slots & (slots - 1)) || slots / 2 * 9 != data_size) {
        PyErr_SetString(PyExc_ValueError, "no table");
        return NULL;
    }
    Gram gram;
    Grams grams;
    uint64_t hash;
    lay_out(&grams, data, (uint32_t)slots);
    begin(&gram, length);
    Words words = words_of(text, size);
    while ((hash = next_word(&words)))
        if ((hash = take(&gram, hash))) {
            uint64_t bit = bit_of(&grams, hash);
            if (grams.filter[bit >> 3] >> (bit & 7) & 1 && *gram_slot(&grams, hash))
                Py_RETURN_TRUE;
        }
    Py_RETURN_FALSE;
}
