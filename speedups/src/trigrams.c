/* Three letters or digits in a row, whatever stands between them: what a small text shares none of with any value holds
 * nothing of one. The few ways around that are told apart; where one may be taken, the answer is yes.
 * The rules are those of otel_provenance/matching/trigrams.py. */
#include "speedups.h"

enum { SIGNS = 36, TRIGRAMS = SIGNS * SIGNS * SIGNS, MOST_SHORT = 16, LONGEST_SHORT = 7, LONGEST_TURNED = 64 };
enum { HAS_DATES = 1, HAS_SHORT_NUMBERS = 2 };
enum { FEW_DIGITS = 8, LONG_RUN = 6, LONGEST_NUMBER = 40, LONGEST_PRICE = 12 };

typedef struct {
    unsigned char bits[(TRIGRAMS + 7) / 8];
    unsigned char flags, shorts;
    unsigned char short_values[MOST_SHORT][LONGEST_SHORT + 1]; /* length, then the value: fewer than three letters or digits */
} Trigrams;

/* The number of a letter or digit; -1 of anything else. */
static int sign_of(unsigned char c) {
    return (unsigned char)(c - 'a') < 26 ? c - 'a' : (unsigned char)(c - '0') < 10 ? 26 + c - '0' : -1;
}

/* The last three of a row of letters and digits. */
typedef struct {
    int32_t last;
    Py_ssize_t count;
} Row;

/* The trigram that one more sign ends, or -1 while there are too few. */
static int32_t take(Row *row, int sign) {
    row->last = (row->last * SIGNS + sign) % TRIGRAMS;
    return ++row->count < 3 ? -1 : row->last;
}

static void note(Trigrams *table, int32_t trigram) {
    if (trigram >= 0)
        table->bits[trigram >> 3] |= (unsigned char)(1 << (trigram & 7));
}

static int has(const Trigrams *table, int32_t trigram) {
    return trigram >= 0 && table->bits[trigram >> 3] >> (trigram & 7) & 1;
}

/* Digits, and what they are without the zeros around them. */
typedef struct {
    Row row;
    Py_ssize_t first, last; /* which of the digits are the first and the last that are not 0 */
} Digits;

static int32_t take_digit(Digits *digits, unsigned char c) {
    if (c != '0') {
        if (digits->first < 0)
            digits->first = digits->row.count;
        digits->last = digits->row.count;
    }
    return take(&digits->row, sign_of(c));
}

static int are_few(const Digits *digits) {
    return digits->row.count > 0 && (digits->first < 0 || digits->last - digits->first < 2);
}

/* Whether the e of a number stands here: of 7e3. */
static int is_exponent(const unsigned char *text, Py_ssize_t at, Py_ssize_t size) {
    return text[at] == 'e' && at > 0 && at + 1 < size && (unsigned char)(text[at - 1] - '0') < 10 &&
           ((unsigned char)(text[at + 1] - '0') < 10 || text[at + 1] == '+' || text[at + 1] == '-');
}

static int is_number_sign(unsigned char c) {
    return (unsigned char)(c - '0') < 10 || (c != 0 && strchr(".,+-' e%$", c) != NULL);
}

/* 0 where a value cannot be told of in this way. */
static int add_value(Trigrams *table, const unsigned char *value, Py_ssize_t size) {
    Row row = {0, 0};
    Digits digits = {{0, 0}, -1, -1};
    int exponent = 0, numeric = size <= LONGEST_NUMBER, colon = 0;
    for (Py_ssize_t at = 0; at < size; at++) {
        int sign = sign_of(value[at]);
        if (value[at] >= 128)
            return 0;
        exponent |= is_exponent(value, at, size);
        colon |= value[at] == ':';
        numeric = numeric && (size <= LONGEST_PRICE || is_number_sign(value[at]));
        if (sign < 0)
            continue;
        note(table, take(&row, sign));
        if (sign >= 26)
            note(table, take_digit(&digits, value[at]));
    }
    if (exponent && numeric)
        return 0;
    if (digits.row.count >= 3 && (colon || (digits.row.count >= 5 && digits.row.count <= 8)))
        table->flags |= HAS_DATES;
    if (digits.row.count >= 3 && are_few(&digits))
        table->flags |= HAS_SHORT_NUMBERS;
    if (row.count < 3 && size > 1) {
        if (table->shorts == MOST_SHORT || size > LONGEST_SHORT)
            return 0;
        unsigned char *place = table->short_values[table->shorts++];
        place[0] = (unsigned char)size;
        memcpy(place + 1, value, (size_t)size);
    }
    if (size <= LONGEST_TURNED) /* the family name first: the words of a name in a ring */
        for (Py_ssize_t at = 0, more = 0; at < size && more < 2; at++)
            if (sign_of(value[at]) >= 0) {
                note(table, take(&row, sign_of(value[at])));
                more++;
            }
    return 1;
}

PyObject *trigram_table(PyObject *module, PyObject *values) {
    Py_ssize_t count = PyList_Size(values), size;
    PyObject *made = count < 0 ? NULL : PyBytes_FromStringAndSize(NULL, sizeof(Trigrams));
    if (made == NULL)
        return NULL;
    Trigrams *table = (Trigrams *)PyBytes_AsString(made);
    memset(table, 0, sizeof(Trigrams));
    for (Py_ssize_t at = 0; at < count; at++) {
        const char *value = PyUnicode_AsUTF8AndSize(PyList_GetItem(values, at), &size);
        if (value != NULL && add_value(table, (const unsigned char *)value, size))
            continue;
        Py_DECREF(made);
        if (value != NULL || PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
            PyErr_Clear();
            Py_RETURN_NONE;
        }
        return NULL;
    }
    return made;
}

static int begins_with_short(const Trigrams *table, const unsigned char *leaf, Py_ssize_t size) {
    for (int at = 0; at < table->shorts; at++) {
        const unsigned char *value = table->short_values[at];
        if (value[0] <= size && memcmp(leaf, value + 1, value[0]) == 0)
            return 1;
    }
    return 0;
}

static int may_hold(const Trigrams *table, const unsigned char *leaf, Py_ssize_t size) {
    Row row = {0, 0};
    Digits digits = {{0, 0}, -1, -1};
    Py_ssize_t run = 0, longest = 0, runs = 0;
    int exponent = 0;
    for (Py_ssize_t at = 0; at < size; at++) {
        unsigned char c = leaf[at];
        int sign = sign_of(c);
        if (c == '*' || c >= 128)
            return 1;
        if (sign >= 0 && has(table, take(&row, sign)))
            return 1;
        if (sign >= 26) {
            if (has(table, take_digit(&digits, c)))
                return 1;
            runs += run == 0;
            run++;
            longest = run > longest ? run : longest;
        } else {
            exponent |= is_exponent(leaf, at, size);
            run = 0;
        }
    }
    return (size > 0 && row.count < 3) || (exponent && digits.row.count <= FEW_DIGITS) ||
           ((table->flags & HAS_DATES) && (runs > 1 || longest >= LONG_RUN)) ||
           ((table->flags & HAS_SHORT_NUMBERS) && are_few(&digits)) || begins_with_short(table, leaf, size);
}

PyObject *may_hold_any(PyObject *module, PyObject *args) {
    const char *data;
    const unsigned char *text;
    Py_ssize_t data_size, size;
    if (!PyArg_ParseTuple(args, "y#s#", &data, &data_size, &text, &size))
        return NULL;
    if (data_size != sizeof(Trigrams)) {
        PyErr_SetString(PyExc_ValueError, "no table");
        return NULL;
    }
    const unsigned char *leaf = text, *end = text + size;
    while (leaf <= end) {
        const unsigned char *next = end_of_part(leaf, end);
        if (may_hold((const Trigrams *)data, leaf, next - leaf))
            Py_RETURN_TRUE;
        leaf = next + 1;
    }
    Py_RETURN_FALSE;
}
