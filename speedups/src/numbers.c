/* How much numbers, dates and addresses of the internet say, in bits: as matching/specificity.py has it. */
#include "specificity.h"

static const double DIGIT_BITS = 2.4, ZERO_BITS = 0.6, FIVE_DIGITS = 9.5, FEW_DIGITS = 7.0, MINUTE = 8.0;

int different(const unsigned char *text, Py_ssize_t size, int most) {
    uint64_t seen[4] = {0, 0, 0, 0};
    int count = 0;
    for (Py_ssize_t at = 0; at < size && count <= most; at++) {
        uint64_t bit = (uint64_t)1 << (text[at] & 63), *those = seen + (text[at] >> 6);
        count += (*those & bit) == 0;
        *those |= bit;
    }
    return count;
}

/* Zeros at both ends say little. */
double bits_of_digits(const unsigned char *digits, Py_ssize_t size) {
    Py_ssize_t start = 0, end = size;
    while (start < end && digits[start] == '0')
        start++;
    while (end > start && digits[end - 1] == '0')
        end--;
    if (start == end)
        return 1.0;
    return (1.0 + times(DIGIT_BITS, (double)(end - start - 1))) + times(ZERO_BITS, (double)(size - (end - start)));
}

static double bits_of_number(const unsigned char *digits, Py_ssize_t size, int has_fraction) {
    double bits = bits_of_digits(digits, size), telling = has_fraction ? 2.0 : 0.0;
    if (size > 2 && different(digits, size, 2) <= 2)
        return lesser(FEW_DIGITS, bits);
    if (size == 5 && !has_fraction)
        return lesser(FIVE_DIGITS, bits);
    return lesser(MOST, bits + telling + (size >= 5 ? 1.5 : 0.0));
}

static int looks(const unsigned char *text, Py_ssize_t size, const char *shape) { /* 9: a digit, else as it is */
    Py_ssize_t at = 0;
    for (; shape[at] && at < size; at++)
        if (shape[at] == '9' ? !is_digit(text[at]) : text[at] != (unsigned char)shape[at])
            return 0;
    return shape[at] == 0;
}

/* -1: no date. */
static double bits_of_date(const unsigned char *text, Py_ssize_t size) {
    if (!looks(text, size, "9999-99-99"))
        return NO_NUMBER;
    double bits = memcmp(text, "2015", 4) < 0 ? 14.0 : 7.0;
    if (size == 10)
        return bits;
    if ((text[10] != 't' && text[10] != ' ') || !looks(text + 11, size - 11, "99:99") ||
        memchr(text + 16, '\n', (size_t)(size - 16)) != NULL)
        return NO_NUMBER;
    return bits + (memcmp(text + 11, "00:00", 5) == 0 ? 0.0 : MINUTE);
}

static int begins(const unsigned char *text, Py_ssize_t size, const char *with) {
    size_t length = strlen(with);
    return (size_t)size >= length && memcmp(text, with, length) == 0;
}

static double bits_of_ipv4(const unsigned char *text, Py_ssize_t size) {
    Py_ssize_t at = 0;
    for (int part = 0; part < 4; part++) {
        Py_ssize_t start = at;
        while (at < size && at - start < 3 && is_digit(text[at]))
            at++;
        if (at == start || (part < 3 ? at >= size || text[at++] != '.' : at != size))
            return NO_NUMBER;
    }
    int inner = begins(text, size, "10.") || begins(text, size, "127.") || begins(text, size, "192.168.") ||
                begins(text, size, "0.") || begins(text, size, "172.") || begins(text, size, "255.");
    return inner ? 8.0 : 18.0;
}

double bits_of_numeric(const unsigned char *text, Py_ssize_t size) {
    unsigned char digits[LONGEST_WEIGHED];
    Py_ssize_t count = 0, at, point = -1, last_point = -1;
    int plain = size > 0 && is_digit(text[0]) && is_digit(text[size - 1]), told = 0;
    for (at = 0; at < size; at++) {
        if (is_digit(text[at]))
            digits[count++] = text[at];
        else if (text[at] != '.' || point >= 0)
            plain = 0;
        if (text[at] == '.') {
            point = point < 0 ? at : point;
            last_point = at;
        }
    }
    for (at = last_point + 1; last_point >= 0 && at < size; at++)
        told |= text[at] != '0';
    if (plain)
        return bits_of_number(digits, count, told);
    double bits = bits_of_date(text, size);
    if (bits == NO_NUMBER)
        bits = bits_of_ipv4(text, size);
    if (bits != NO_NUMBER)
        return bits;
    at = text[0] == '+' || text[0] == '-';
    if (at == size || !is_digit(text[at]))
        return NO_NUMBER;
    while (at < size && (is_digit(text[at]) || text[at] == ',' || text[at] == '.'))
        at++;
    if (at < size && text[at] == 'e') {
        at++;
        at += at < size && (text[at] == '+' || text[at] == '-');
        if (at == size || !all_of(text + at, size - at, is_digit))
            return NO_NUMBER;
        at = size;
    }
    return at == size ? bits_of_number(digits, count, told) : NO_NUMBER;
}
