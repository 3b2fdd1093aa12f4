// SPDX-License-Identifier: Apache-2.0
// Makes text from values and back, independent of the locale. Numbers are written with the fewest digits that read back
// to the same bits (std::to_chars). They are read whole or not at all.
#pragma once
#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "tinysparse/base/decimal.hpp"

namespace tinysparse {

namespace detail {
/// The argument of text(): a view of characters or a number. It is one type, so that the many calls of text() with
/// different argument types share the code of one function.
class Piece {
  public:
    Piece(std::string_view piece) : kind_(Kind::characters), characters_(piece) {}
    Piece(const std::string& piece) : Piece(std::string_view(piece)) {}
    Piece(const char* piece) : Piece(std::string_view(piece)) {}
    Piece(char piece) : kind_(Kind::character), character_(piece) {}
    template <std::same_as<bool> Boolean> // exactly bool: a plain overload would also take every pointer
    Piece(Boolean piece) : Piece(piece ? "true" : "false") {}
    Piece(float piece) : kind_(Kind::single_float), single_(piece) {}
    Piece(double piece) : kind_(Kind::double_float), double_(piece) {}
    template <std::integral Number>
    requires(!std::same_as<Number, bool> && !std::same_as<Number, char>) Piece(Number piece)
        : kind_(std::is_signed_v<Number> ? Kind::integer : Kind::natural), integer_(std::int64_t(piece)) {}

    void append_to(std::string& out) const {
        if (kind_ == Kind::characters) {
            out += characters_;
            return;
        }
        if (kind_ == Kind::character) {
            out += character_;
            return;
        }
        char digits[64], *const end = digits + sizeof digits;
        const auto result = kind_ == Kind::single_float   ? std::to_chars(digits, end, single_)
                            : kind_ == Kind::double_float ? std::to_chars(digits, end, double_)
                            : kind_ == Kind::integer      ? std::to_chars(digits, end, integer_)
                                                          : std::to_chars(digits, end, std::uint64_t(integer_));
        out.append(digits, result.ptr);
    }

  private:
    enum class Kind : std::uint8_t { characters, character, single_float, double_float, integer, natural } kind_;
    union {
        std::string_view characters_;
        char character_;
        float single_;
        double double_;
        std::int64_t integer_; ///< A natural number beyond its range wraps around, and back when it is written.
    };
};

[[gnu::noinline]] inline std::string join_pieces(const Piece* pieces, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) pieces[i].append_to(out);
    return out;
}
} // namespace detail

/// Joins strings, characters, booleans and numbers into one string: text("layer ", 3, ": ", 0.5).
template <class... Pieces> std::string text(const Pieces&... pieces) {
    const detail::Piece list[] = {pieces...};
    return detail::join_pieces(list, sizeof...(pieces));
}

/// The value with a fixed number of decimals, as printf's %.*f gives it in the C locale.
inline std::string fixed_decimals(double value, int decimals) {
    char digits[400]; // the largest double has 309 digits before the point
    const auto result = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, decimals);
    return std::string(digits, result.ptr);
}

/// The whole of `word` as a number. "12x", "", " 1" and numbers out of range give no value.
template <class Number> std::optional<Number> parse_number(std::string_view word) {
    if constexpr (!detail::has_from_chars<Number>) {
        return detail::parse_decimal<Number>(word);
    } else {
        Number value{};
        const auto result = std::from_chars(word.data(), word.data() + word.size(), value);
        if (result.ec != std::errc{} || result.ptr != word.data() + word.size() || word.empty()) return std::nullopt;
        return value;
    }
}

/// The number with this many significant digits (1..17) that is nearest to the value: significant(0.05 + 2e-17, 6) is
/// 0.05. For sentences, since text() of a sum or quotient often ends in noise of rounding.
inline double significant(double value, int digits) {
    char word[32];
    const auto result = std::to_chars(word, word + sizeof word, value, std::chars_format::scientific, digits - 1);
    return parse_number<double>({word, result.ptr}).value_or(value);
}

/// The pieces of `line` between separators; an empty line is one empty piece.
inline std::vector<std::string> split(std::string_view line, char separator) {
    std::vector<std::string> pieces;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= line.size(); ++i)
        if (i == line.size() || line[i] == separator) {
            pieces.emplace_back(line.substr(begin, i - begin));
            begin = i + 1;
        }
    return pieces;
}

/// The pieces with a separator between them: join({"a", "b"}, ", ") is "a, b".
inline std::string join(const std::vector<std::string>& pieces, std::string_view separator) {
    std::string out;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (i) out += separator;
        out += pieces[i];
    }
    return out;
}

/// The line with every `what` (not empty) replaced by `by`: replaced("a-b", "-", "--") is "a--b".
inline std::string replaced(std::string line, std::string_view what, std::string_view by) {
    for (std::size_t at = 0; (at = line.find(what, at)) != std::string::npos; at += by.size())
        line.replace(at, what.size(), by);
    return line;
}

/// The word with the capital letters of ASCII made small.
inline std::string lower_case(std::string_view word) {
    std::string out(word);
    for (char& letter : out)
        if (letter >= 'A' && letter <= 'Z') letter = char(letter - 'A' + 'a');
    return out;
}

/// Sorts alphabetically. One function for all sorts of strings, which are among the slowest code to compile.
inline void sort_words(std::vector<std::string>& words) { std::sort(words.begin(), words.end()); }

namespace detail {

/// Characters of a UTF-8 word as numbers to compare. Capital letters of ASCII count as small ones.
inline std::vector<std::uint32_t> characters_of(std::string_view word) {
    std::vector<std::uint32_t> characters;
    for (const char c : lower_case(word)) {
        const std::uint8_t byte = std::uint8_t(c);
        if ((byte & 0xC0) == 0x80 && !characters.empty())
            characters.back() = characters.back() << 8 | byte;
        else
            characters.push_back(byte);
    }
    return characters;
}

/// Fewest characters to insert, remove or replace, or neighbours to swap, that turn one word into the other (the
/// optimal string alignment distance).
inline std::size_t edit_distance(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
    std::vector<std::vector<std::size_t>> distance(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i)
        for (std::size_t j = 0; j <= b.size(); ++j) {
            std::size_t& least = distance[i][j] = i + j;
            if (i > 0 && j > 0)
                least = std::min(
                    {distance[i - 1][j] + 1, distance[i][j - 1] + 1, distance[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                least = std::min(least, distance[i - 2][j - 2] + 1);
        }
    return distance.back().back();
}

} // namespace detail

/// The entry of `known` that `word` most likely meant, or "" if none is near: the one at the smallest edit distance, if
/// that is at most a third of the longer word's length; else the first entry that begins with the word, if it is longer
/// than one letter. For messages such as "unknown option --epoch; did you mean --epochs?".
inline std::string nearest(std::string_view word, const std::vector<std::string>& known) {
    const std::vector<std::uint32_t> own = detail::characters_of(word);
    const std::string* best = nullptr;
    std::size_t best_distance = 0;
    for (const std::string& candidate : known) {
        const std::vector<std::uint32_t> other = detail::characters_of(candidate);
        const std::size_t longer = std::max(own.size(), other.size()), shorter = std::min(own.size(), other.size());
        if (3 * (longer - shorter) > longer) continue; // far, whatever the letters
        const std::size_t distance = detail::edit_distance(own, other);
        if (3 * distance > longer || (best && distance >= best_distance)) continue;
        best = &candidate;
        best_distance = distance;
    }
    if (best) return *best;
    if (own.size() > 1)
        for (const std::string& candidate : known)
            if (candidate.starts_with(word)) return candidate;
    return "";
}

/// "kernel ark is not known; did you mean arc? It is one of matern, arc". near: what was probably meant, or "".
inline std::string not_known(std::string_view what, std::string_view word, const std::vector<std::string>& known,
                             const std::string& near) {
    return text(what, " ", word, " is not known", near.empty() ? "" : "; did you mean " + near + "?",
                near.empty() ? "; use one of " : " It is one of ", join(known, ", "));
}
/// The same; what was meant is nearest() to the word.
inline std::string not_known(std::string_view what, std::string_view word, const std::vector<std::string>& known) {
    return not_known(what, word, known, nearest(word, known));
}

} // namespace tinysparse
