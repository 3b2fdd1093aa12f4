// SPDX-License-Identifier: Apache-2.0
// Reads JSON text (RFC 8259) into values and writes it. The parser is strict: no comments, no trailing commas, no
// duplicate keys, valid UTF-8, and nothing after the value. Errors say at which byte what was expected. Numbers read
// back to the same bits. Whole numbers up to 2^53 are written without point and exponent. NaN and infinities, which
// JSON lacks, are written as null. Include json.hpp.
#pragma once
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/characters.hpp"
#include "tinysparse/base/error.hpp"
#include "tinysparse/base/json_value.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::json {

/// The largest depth to which arrays and objects may be nested; more is an Error, so that no text can exhaust the
/// stack.
inline constexpr int max_depth = 256;

namespace detail {

class Parser {
  public:
    Parser(std::string_view source, std::string_view name) : source_(source), name_(name) {}

    Value document() {
        Value value = parse_value(0);
        skip_space();
        if (at_ < source_.size()) fail("expected the end of the text");
        return value;
    }

  private:
    [[noreturn]] void fail_at(std::size_t byte, std::string_view expected) const {
        throw Error(text(name_, ": byte ", byte, ": ", expected,
                         byte >= source_.size() ? std::string_view(", found the end of the text") : ""));
    }
    [[noreturn]] void fail(std::string_view expected) const { fail_at(at_, expected); }
    char peek() const { return at_ < source_.size() ? source_[at_] : '\0'; }
    void skip_space() {
        while (at_ < source_.size() && std::string_view(" \t\n\r").find(source_[at_]) != std::string_view::npos) ++at_;
    }
    bool take(char wanted) {
        if (at_ >= source_.size() || source_[at_] != wanted) return false;
        ++at_;
        return true;
    }

    Value parse_value(int depth) {
        skip_space();
        if (depth > max_depth) fail(text("arrays and objects are nested more than ", max_depth, " deep"));
        switch (peek()) {
        case '{':
            return parse_object(depth);
        case '[':
            return parse_array(depth);
        case '"':
            return Value(parse_string());
        case 't':
            return parse_word("true", Value(true));
        case 'f':
            return parse_word("false", Value(false));
        case 'n':
            return parse_word("null", Value());
        default:
            return parse_number_value();
        }
    }
    Value parse_word(std::string_view word, Value value) {
        if (source_.substr(at_, word.size()) != word) fail("expected a value");
        at_ += word.size();
        return value;
    }
    Value parse_object(int depth) {
        const std::size_t start = at_++;
        Object members;
        skip_space();
        if (take('}')) return Value(std::move(members));
        do {
            skip_space();
            if (peek() != '"') fail("expected a key in quotation marks");
            std::string key = parse_string();
            skip_space();
            if (!take(':')) fail("expected ':' after the key");
            Value value = parse_value(depth + 1);
            members.emplace_back(std::move(key), std::move(value));
            skip_space();
        } while (take(','));
        if (!take('}')) fail("expected ',' or '}'");

        std::vector<std::string_view> keys;
        for (const Member& member : members) keys.push_back(member.first);
        std::sort(keys.begin(), keys.end());
        const auto twice = std::adjacent_find(keys.begin(), keys.end());
        if (twice != keys.end()) fail_at(start, text("the object has the key '", *twice, "' twice"));
        return Value(std::move(members));
    }
    Value parse_array(int depth) {
        ++at_;
        Array items;
        skip_space();
        if (take(']')) return Value(std::move(items));
        do {
            items.push_back(parse_value(depth + 1));
            skip_space();
        } while (take(','));
        if (!take(']')) fail("expected ',' or ']'");
        return Value(std::move(items));
    }
    std::size_t skip_digits() {
        const std::size_t start = at_;
        while (peek() >= '0' && peek() <= '9') ++at_;
        return at_ - start;
    }
    Value parse_number_value() {
        const std::size_t start = at_;
        const bool negative = take('-');
        const bool zero = peek() == '0';
        const std::size_t digits = skip_digits();
        if (digits == 0) fail(negative ? "expected a digit" : "expected a value");
        if (zero && digits > 1) fail_at(start, "a number begins with a needless 0");
        if (take('.') && skip_digits() == 0) fail("expected a digit after the point");
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            if (skip_digits() == 0) fail("expected a digit in the exponent");
        }
        const auto number = parse_number<double>(source_.substr(start, at_ - start));
        if (!number) fail_at(start, "the number is outside the range of a double");
        return Value(*number);
    }
    std::string parse_string() {
        const std::size_t start = at_++;
        std::string out;
        for (;;) {
            if (at_ >= source_.size()) fail_at(start, "a string has no closing quotation mark");
            const std::uint8_t byte = std::uint8_t(source_[at_]);
            if (byte == '"') break;
            if (byte == '\\') {
                parse_escape(out);
                continue;
            }
            if (byte < 0x20) fail("a control character in a string, expected an escape such as \\n");
            const std::size_t length = utf8_length(source_, at_);
            if (length == 0) fail("the text is not valid UTF-8");
            out += source_.substr(at_, length);
            at_ += length;
        }
        ++at_;
        return out;
    }
    void parse_escape(std::string& out) {
        const std::size_t start = at_++;
        const std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
        const char letter = peek();
        const std::size_t index = letter ? letters.find(letter) : std::string_view::npos;
        if (index != std::string_view::npos) {
            ++at_;
            out += meanings[index];
            return;
        }
        if (!take('u')) fail_at(start, "an unknown escape, expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
        std::uint32_t code = parse_hex();
        if (code >= 0xd800 && code <= 0xdbff && source_.substr(at_, 2) == "\\u") { // the first half of a pair
            at_ += 2;
            const std::uint32_t low = parse_hex();
            if (low < 0xdc00 || low > 0xdfff) fail_at(start, "half of a surrogate pair");
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
        if (code >= 0xd800 && code <= 0xdfff) fail_at(start, "half of a surrogate pair");
        append_utf8(out, code);
    }
    std::uint32_t parse_hex() {
        std::uint32_t code = 0;
        for (int i = 0; i < 4; ++i, ++at_) {
            const char digit = peek();
            const bool decimal = digit >= '0' && digit <= '9';
            const char letter = char(digit | 0x20);
            if (!decimal && !(letter >= 'a' && letter <= 'f')) fail("expected four hexadecimal digits after \\u");
            code = code * 16 + std::uint32_t(decimal ? digit - '0' : letter - 'a' + 10);
        }
        return code;
    }

    std::string_view source_;
    std::string_view name_;
    std::size_t at_ = 0;
};

inline void write_string(std::string& out, std::string_view string) {
    out += '"';
    for (std::size_t i = 0; i < string.size();) {
        const std::size_t length = utf8_length(string, i);
        const char first = string[i];
        const std::size_t escape = std::string_view("\"\\\b\f\n\r\t").find(first);
        if (length == 0) {
            out += "\xef\xbf\xbd"; // U+FFFD: file names may hold any bytes, JSON may not
        } else if (escape != std::string_view::npos) {
            out += '\\';
            out += "\"\\bfnrt"[escape];
        } else if (std::uint8_t(first) < 0x20) {
            constexpr char digits[] = "0123456789abcdef";
            out += "\\u00";
            out += digits[first >> 4];
            out += digits[first & 15];
        } else {
            out += string.substr(i, length);
        }
        i += std::max<std::size_t>(1, length);
    }
    out += '"';
}

inline void write_number(std::string& out, double number) {
    constexpr double exact = 9007199254740992.0; // 2^53
    if (!std::isfinite(number)) {
        out += "null";
    } else if (number == std::floor(number) && std::abs(number) <= exact && !(number == 0 && std::signbit(number))) {
        out += text(std::int64_t(number));
    } else {
        out += text(number);
    }
}

/// indent < 0: all on one line.
inline void write_value(std::string& out, const Value& value, int indent, int depth) {
    const auto new_line = [&](int levels) {
        if (indent < 0) return;
        out += '\n';
        out.append(std::size_t(indent) * std::size_t(levels), ' ');
    };
    bool first = true;
    const auto begin_item = [&] {
        if (!first) out += ',';
        first = false;
        new_line(depth + 1);
    };
    switch (value.type()) {
    case Type::null:
        out += "null";
        break;
    case Type::boolean:
        out += *value.boolean() ? "true" : "false";
        break;
    case Type::number:
        write_number(out, *value.number());
        break;
    case Type::string:
        write_string(out, *value.string());
        break;
    case Type::array:
        out += '[';
        for (const Value& item : *value.array()) {
            begin_item();
            write_value(out, item, indent, depth + 1);
        }
        if (!first) new_line(depth);
        out += ']';
        break;
    case Type::object:
        out += '{';
        for (const Member& member : *value.object()) {
            begin_item();
            write_string(out, member.first);
            out += indent < 0 ? ":" : ": ";
            write_value(out, member.second, indent, depth + 1);
        }
        if (!first) new_line(depth);
        out += '}';
        break;
    }
}
} // namespace detail

/// Parses the text into a value. Errors begin with `name` (of the file) and the byte, counted from 0.
inline Value parse(std::string_view source, std::string_view name) { return detail::Parser(source, name).document(); }

/// Writes the value on one line, without a newline at the end.
inline std::string write(const Value& value) {
    std::string out;
    detail::write_value(out, value, -1, 0);
    return out;
}

/// Writes the value over several lines, `indent` spaces per level, without a newline at the end.
inline std::string write(const Value& value, int indent) {
    std::string out;
    detail::write_value(out, value, indent, 0);
    return out;
}

} // namespace tinysparse::json
