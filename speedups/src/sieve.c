/* Which kinds of texts occur anywhere in a joined text, or in its letters and digits, or in its digits alone: all of them
 * in one pass. A table is a bytes object: a head, slots by the first four bytes, the texts' records, the texts. */
#include "speedups.h"

enum { STREAMS = 3, STREAM = 3, WHOLE = 4, STAGE = 8, GRAM = 4 };
/* Of what a text is looked for in: 0 the text, 1 its letters and digits, 2 its digits. WHOLE: as a part between NULs, not
 * inside one. From bit 3 on: the number of what it stands for. */

typedef struct {
    uint32_t gram, first; /* first: number of a record, from 1 on; 0: empty */
} Bucket;

typedef struct {
    uint32_t start, size, next;
    uint32_t how;
} Sought;

typedef struct {
    uint32_t count, buckets;
    uint32_t short_ones[STREAMS]; /* records of less than four bytes, which are WHOLE */
} Head;

typedef struct {
    Head *head;
    Bucket *buckets;
    Sought *sought;
    unsigned char *texts;
    Py_ssize_t room; /* bytes of the texts */
} Sieve;

static int laid_out(char *data, Py_ssize_t size, Sieve *sieve) {
    sieve->head = (Head *)data;
    if (size < (Py_ssize_t)sizeof(Head) || sieve->head->buckets < 4 || sieve->head->buckets & (sieve->head->buckets - 1))
        return 0;
    Py_ssize_t texts = (Py_ssize_t)sizeof(Head) + (Py_ssize_t)sieve->head->buckets * STREAMS * (Py_ssize_t)sizeof(Bucket) +
                       ((Py_ssize_t)sieve->head->count + 1) * (Py_ssize_t)sizeof(Sought);
    sieve->buckets = (Bucket *)(data + sizeof(Head));
    sieve->sought = (Sought *)(sieve->buckets + (size_t)sieve->head->buckets * STREAMS);
    sieve->texts = (unsigned char *)data + texts;
    sieve->room = size - texts;
    return sieve->room >= 0;
}

static uint32_t gram_at(const unsigned char *text) {
    return (uint32_t)text[0] | (uint32_t)text[1] << 8 | (uint32_t)text[2] << 16 | (uint32_t)text[3] << 24;
}

static Bucket *bucket_of(const Sieve *sieve, int stream, uint32_t gram) {
    Bucket *buckets = sieve->buckets + (size_t)stream * sieve->head->buckets;
    uint32_t mask = sieve->head->buckets - 1, at = (gram * 0x9e3779b1u) >> 15 & mask;
    while (buckets[at].first && buckets[at].gram != gram)
        at = (at + 1) & mask;
    return buckets + at;
}

static void add(Sieve *sieve, uint32_t number, int stream) {
    Sought *sought = sieve->sought + number;
    uint32_t *first = sieve->head->short_ones + stream;
    if (sought->size >= GRAM) {
        uint32_t gram = gram_at(sieve->texts + sought->start);
        Bucket *bucket = bucket_of(sieve, stream, gram);
        bucket->gram = gram;
        first = &bucket->first;
    }
    sought->next = *first;
    *first = number;
}

PyObject *sieve_table(PyObject *module, PyObject *args) {
    PyObject *texts;
    const unsigned char *hows;
    Py_ssize_t count, size, room = 0;
    uint32_t buckets = 4;
    if (!PyArg_ParseTuple(args, "O!y#", &PyList_Type, &texts, &hows, &count))
        return NULL;
    if (PyList_Size(texts) != count || count > 1 << 20)
        return PyErr_Format(PyExc_ValueError, "not as many texts as kinds, or too many");
    while (buckets < 2 * (uint32_t)count)
        buckets *= 2;
    for (Py_ssize_t at = 0; at < count; at++) {
        if (PyUnicode_AsUTF8AndSize(PyList_GetItem(texts, at), &size) == NULL)
            return NULL;
        if (size == 0 || (size < GRAM && !(hows[at] & WHOLE)) || (hows[at] & STREAM) == STREAM)
            return PyErr_Format(PyExc_ValueError, "a text that cannot be looked for");
        room += size;
    }
    if (room > UINT32_MAX / 2)
        return PyErr_NoMemory();
    Py_ssize_t before = (Py_ssize_t)(sizeof(Head) + (size_t)buckets * STREAMS * sizeof(Bucket) +
                                     ((size_t)count + 1) * sizeof(Sought));
    PyObject *made = PyBytes_FromStringAndSize(NULL, before + room);
    if (made == NULL)
        return NULL;
    char *data = PyBytes_AsString(made);
    memset(data, 0, (size_t)before);
    Sieve sieve;
    ((Head *)data)->count = (uint32_t)count;
    ((Head *)data)->buckets = buckets;
    laid_out(data, before + room, &sieve);
    uint32_t start = 0;
    for (Py_ssize_t at = 0; at < count; at++) {
        const char *text = PyUnicode_AsUTF8AndSize(PyList_GetItem(texts, at), &size);
        memcpy(sieve.texts + start, text, (size_t)size);
        Sought sought = {start, (uint32_t)size, 0, hows[at]};
        sieve.sought[at + 1] = sought;
        add(&sieve, (uint32_t)at + 1, hows[at] & STREAM);
        start += (uint32_t)size;
    }
    return made;
}

/* What of a chain of records stands at a place: the stages that they stand for. */
static uint32_t standing(const Sieve *sieve, uint32_t number, const unsigned char *text, const unsigned char *at,
                         const unsigned char *end) {
    uint32_t stages = 0;
    for (; number; number = sieve->sought[number].next) {
        const Sought *sought = sieve->sought + number;
        if (sought->size > (size_t)(end - at) || memcmp(at, sieve->texts + sought->start, sought->size) != 0)
            continue;
        const unsigned char *behind = at + sought->size;
        if (!(sought->how & WHOLE) || ((at == text || at[-1] == 0) && (behind == end || *behind == 0)))
            stages |= (uint32_t)1 << sought->how / STAGE;
    }
    return stages;
}

static uint32_t sifted(const Sieve *sieve, int stream, const unsigned char *text, Py_ssize_t size) {
    const unsigned char *end = text + size;
    uint32_t stages = 0, few = sieve->head->short_ones[stream];
    for (const unsigned char *at = text; few && at != NULL && at < end;) {
        stages |= standing(sieve, few, text, at, end);
        at = memchr(at, 0, (size_t)(end - at));
        at = at == NULL ? NULL : at + 1;
    }
    for (const unsigned char *at = text; at + GRAM <= end; at++) {
        const Bucket *bucket = bucket_of(sieve, stream, gram_at(at));
        if (bucket->first)
            stages |= standing(sieve, bucket->first, text, at, end);
    }
    return stages;
}

static Py_ssize_t projected(const unsigned char *from, Py_ssize_t size, unsigned char classes, unsigned char *to) {
    Py_ssize_t end = 0;
    for (Py_ssize_t at = 0; at < size; at++)
        if (from[at] == 0 || CLASS_OF[from[at]] & classes)
            to[end++] = from[at];
    return end;
}

PyObject *sift(PyObject *module, PyObject *args) {
    char *data;
    const unsigned char *text;
    Py_ssize_t data_size, size;
    Sieve sieve;
    if (!PyArg_ParseTuple(args, "y#s#", &data, &data_size, &text, &size))
        return NULL;
    if (!laid_out(data, data_size, &sieve))
        return PyErr_Format(PyExc_ValueError, "no table");
    unsigned char *part = PyMem_Malloc(size ? (size_t)size : 1);
    if (part == NULL)
        return PyErr_NoMemory();
    uint32_t stages = sifted(&sieve, 0, text, size);
    Py_ssize_t left = projected(text, size, WORD, part);
    stages |= sifted(&sieve, 1, part, left);
    left = projected(part, left, DIGIT, part);
    stages |= sifted(&sieve, 2, part, left);
    PyMem_Free(part);
    return PyLong_FromUnsignedLong(stages);
}
