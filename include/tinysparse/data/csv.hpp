// SPDX-License-Identifier: Apache-2.0
// CSV as programs really write it (RFC 4180, also with ';' or tabs, decimal commas, a first line "sep=;", UTF-16, and
// line ends LF, CRLF or CR): rows of fields, and the numbers in them. columns.hpp finds the roles of the columns.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "tinysparse/base/characters.hpp"
#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::data {

/// The separator of fields, and whether numbers are written as 1,5.
struct CsvFormat {
    char separator = ',';       ///< Between fields.
    bool decimal_comma = false; ///< Numbers are written as 1,5.
    std::size_t first_line = 1; ///< Number of the first line of rows: 2 after a line "sep=;".
    bool operator==(const CsvFormat&) const = default;
};

/// The unusual properties of a format, in words; empty if commas separate numbers with decimal points.
inline std::optional<std::string> format_note(const CsvFormat& format) {
    const char* separator = format.separator == ';' ? ";" : format.separator == '\t' ? "tabs" : nullptr;
    if (!separator && !format.decimal_comma) return std::nullopt;
    return text("fields are separated by ", separator ? std::string(separator) : std::string(1, format.separator),
                format.decimal_comma ? " and numbers have decimal commas" : "");
}

/// The number in a field: 12, -1.5, +1.5e3, or with a decimal comma -1,5. No value if it is not a finite number.
inline std::optional<double> csv_number(std::string_view field, bool decimal_comma) {
    if (field.starts_with('+') && field.size() > 1 && field[1] != '-') field.remove_prefix(1);
    std::string pointed;
    if (decimal_comma) {
        if (field.find('.') != field.npos) return std::nullopt; // 1.234 would be a thousand here
        pointed = field;
        std::replace(pointed.begin(), pointed.end(), ',', '.');
        field = pointed;
    }
    const auto number = parse_number<double>(field);
    return number && std::isfinite(*number) ? number : std::nullopt;
}

namespace detail {
inline bool is_one_of_words(std::string_view field, std::initializer_list<std::string_view> lower_words) {
    std::string lower(field.substr(0, 16));
    for (char& letter : lower)
        if (letter >= 'A' && letter <= 'Z') letter = char(letter - 'A' + 'a');
    return std::find(lower_words.begin(), lower_words.end(), lower) != lower_words.end();
}
} // namespace detail

/// Whether the field marks a missing value: empty, or a word such as NA, NaN, null or Excel's #N/A, in any case.
inline bool is_missing(std::string_view field) {
    return detail::is_one_of_words(
        field, {"", "na", "n/a", "#n/a", "nan", "null", "none", "-", "--", "?", "#div/0!", "#value!"});
}

/// Whether the field is an infinite number, which is an error: unlike a missing value it was computed.
inline bool is_infinite(std::string_view field) {
    if (field.starts_with('+') || field.starts_with('-')) field.remove_prefix(1);
    return detail::is_one_of_words(field, {"inf", "infinity"});
}

/// Whether the label marks an unlabelled row. "none" and "null" may be classes.
inline bool is_no_label(std::string_view field) {
    return detail::is_one_of_words(field, {"", "na", "n/a", "#n/a", "nan", "?"});
}

/// Watches the numbers of a column for marks that may be decimal or separate thousands: 3,636 beside 7.
class ThousandsWatch {
  public:
    /// Takes the text of a number, and its line.
    void add(std::string_view field, std::size_t line) {
        while (field.starts_with('+') || field.starts_with('-')) field.remove_prefix(1);
        const std::size_t mark = field.find_first_of(",.");
        if (mark == field.npos) {
            plain_ = true;
            decimal_ = decimal_ || field.size() > 3; // 1234 beside 1,234
            return;
        }
        const bool triple = mark >= 1 && mark <= 3 && field[0] != '0' && field.size() == mark + 4 &&
                            field.find_first_not_of("0123456789", mark + 1) == field.npos;
        decimal_ = decimal_ || !triple;
        if (triple && first_.empty()) {
            first_ = field;
            line_ = line;
        }
    }
    /// True if some number shows that the marks are decimal.
    bool decimal() const { return decimal_; }
    /// True if some numbers have a mark before three digits, and others have none.
    bool doubtful() const { return !decimal_ && plain_ && !first_.empty(); }
    /// Line of the first number with a mark.
    std::size_t line() const { return line_; }
    /// The first number with a mark, without its sign.
    const std::string& first() const { return first_; }

  private:
    std::string first_;
    std::size_t line_ = 0;
    bool decimal_ = false, plain_ = false;
};

/// Rows of fields, one after the other. A field in quotation marks may hold separators, line ends and doubled quotation
/// marks. The object views the bytes, which are UTF-8.
class CsvReader {
  public:
    /// bytes: they must outlive this. name: of the file, for errors.
    CsvReader(std::string_view bytes, const std::string& name, const CsvFormat& format)
        : bytes_(bytes), name_(name), separator_(format.separator), next_line_(format.first_line) {}

    std::size_t line() const { return line_; } ///< Line, from 1, of the row that next() returned last.

    /// Reads the next row that has a non-empty field; false at the end. `breaks`: whether empty rows, such as blank
    /// lines or ",,,", lie between it and the row before. Throws Error for an open quotation mark.
    bool next(std::vector<std::string>& fields, bool& breaks) {
        breaks = false;
        while (at_ < bytes_.size()) {
            line_ = next_line_;
            read_row(fields);
            if (std::any_of(fields.begin(), fields.end(), [](const std::string& f) { return !f.empty(); })) return true;
            breaks = true;
        }
        return false;
    }

  private:
    bool at_line_end() const { return bytes_[at_] == '\n' || bytes_[at_] == '\r'; }

    void end_line() {
        at_ += bytes_.substr(at_).starts_with("\r\n") ? 2 : 1;
        ++next_line_;
    }
    void read_row(std::vector<std::string>& fields) {
        std::size_t count = 0;
        for (;;) {
            if (fields.size() == count) fields.emplace_back();
            fields[count].clear();
            read_field(fields[count++]);
            if (at_ >= bytes_.size()) break;
            if (at_line_end()) {
                end_line();
                break;
            }
            ++at_; // a separator
        }
        fields.resize(count);
    }
    void read_field(std::string& field) {
        while (at_ < bytes_.size() && bytes_[at_] == ' ') ++at_;
        const bool quoted = at_ < bytes_.size() && bytes_[at_] == '"';
        if (quoted) {
            const std::size_t start = next_line_;
            for (++at_;; ++at_) {
                if (at_ >= bytes_.size())
                    throw Error(text(name_, ": line ", start, ": a field has no closing quotation mark"));
                if (bytes_[at_] == '"' && !bytes_.substr(at_).starts_with("\"\"")) break;
                at_ += bytes_[at_] == '"';
                next_line_ += bytes_[at_] == '\n';
                field += bytes_[at_];
            }
            ++at_;
        }
        while (at_ < bytes_.size() && bytes_[at_] != separator_ && !at_line_end()) {
            if (quoted && bytes_[at_] != ' ')
                throw Error(text(name_, ": line ", next_line_,
                                 ": there is text after a closing quotation mark; double those within a field"));
            if (!quoted) field += bytes_[at_];
            ++at_;
        }
        while (!quoted && !field.empty() && field.back() == ' ') field.pop_back();
    }

    std::string_view bytes_;
    const std::string& name_;
    char separator_;
    std::size_t at_ = 0, line_ = 0, next_line_;
};

namespace detail {

/// UTF-16 with its byte order mark as UTF-8; lone surrogates become U+FFFD.
inline std::string utf8_from_utf16(std::string_view bytes) {
    const bool big_endian = bytes[0] == '\xfe';
    const auto unit = [&](std::size_t at) -> std::uint32_t {
        const auto first = std::uint8_t(bytes[at]), second = std::uint8_t(bytes[at + 1]);
        return big_endian ? std::uint32_t(first << 8 | second) : std::uint32_t(second << 8 | first);
    };
    std::string out;
    for (std::size_t at = 2; at + 1 < bytes.size(); at += 2) {
        std::uint32_t code = unit(at);
        if (code >= 0xd800 && code < 0xe000) {
            const std::uint32_t low = code < 0xdc00 && at + 3 < bytes.size() ? unit(at + 2) : 0;
            const bool pair = low >= 0xdc00 && low < 0xe000;
            code = pair ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
            at += pair ? 2 : 0;
        }
        append_utf8(out, code);
    }
    return out;
}

/// The line, from 1, of the first byte that is not UTF-8; 0 if all is.
inline std::size_t line_of_bad_utf8(std::string_view bytes) {
    std::size_t line = 1;
    for (std::size_t i = 0; i < bytes.size();) {
        const std::size_t length = utf8_length(bytes, i);
        if (length == 0) return line;
        line += bytes[i] == '\n';
        i += length;
    }
    return 0;
}

/// How well a separator fits the first rows: whether all have the same number of fields, and the share of numbers among
/// the fields.
struct SeparatorFit {
    bool splits = false, same = true, decimal_comma = false;
    double numbers = 0;
};

inline SeparatorFit fit_of(std::string_view bytes, const std::string& name, char separator) try {
    CsvReader reader(bytes, name, {separator});
    std::vector<std::string> fields;
    SeparatorFit fit;
    std::size_t width = 0, all = 0, numbers = 0;
    bool breaks = false;
    for (int row = 0; row < 50 && reader.next(fields, breaks); ++row) {
        if (row == 0) width = fields.size();
        fit.same = fit.same && fields.size() == width;
        all += fields.size();
        for (const std::string& field : fields) {
            const bool comma = separator != ',' && field.find(',') != field.npos && csv_number(field, true).has_value();
            numbers += comma || csv_number(field, false).has_value();
            fit.decimal_comma = fit.decimal_comma || comma;
        }
    }
    fit.splits = width > 1;
    fit.numbers = all == 0 ? 0 : double(numbers) / double(all);
    return fit;
} catch (const Error&) { // quotation marks that do not fit; still better than one that splits nothing
    return {false, true, false, 2};
}
} // namespace detail

/// The bytes of a CSV file as UTF-8 without a byte order mark. Throws Error for UTF-16 without its mark and for other
/// encodings.
inline std::string csv_text(std::string_view bytes, const std::string& name) {
    if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) return detail::utf8_from_utf16(bytes);
    if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
    if (bytes.substr(0, 4096).find('\0') != bytes.npos)
        throw Error(text(name, ": the file has NUL bytes and is no text in UTF-8; save it as CSV UTF-8"));
    if (const std::size_t line = detail::line_of_bad_utf8(bytes))
        throw Error(text(name, ": line ", line, ": the text is not UTF-8; save the file as CSV UTF-8"));
    return std::string(bytes);
}

/// Removes a first line "sep=;" and finds the separator of the fields: that one, or the one of comma, semicolon and tab
/// that gives rows of equal length with the largest share of numbers. Numbers have decimal commas if some in the first
/// rows do. Only text outside quotation marks counts.
inline CsvFormat take_csv_format(std::string_view& bytes, const std::string& name) {
    std::optional<char> said;
    std::size_t first_line = 1;
    if (bytes.size() > 4 && bytes.substr(0, 4) == "sep=" &&
        (bytes.size() == 5 || bytes[5] == '\n' || bytes[5] == '\r')) {
        said = bytes[4];
        first_line = 2;
        bytes.remove_prefix(5);
        bytes.remove_prefix(bytes.starts_with("\r\n") ? 2 : !bytes.empty());
    }
    CsvFormat best;
    std::tuple<bool, bool, double> best_rank{false, false, -1};
    for (const char separator : {';', '\t', ','}) { // the first wins a tie: few texts hold as many ; as lines
        if (said && separator != *said) continue;
        const detail::SeparatorFit fit = detail::fit_of(bytes, name, separator);
        if (!fit.splits && !fit.decimal_comma && fit.numbers <= 1) continue; // a single column
        const std::tuple rank{fit.splits, fit.same, fit.numbers};
        if (rank > best_rank) {
            best_rank = rank;
            best = {separator, fit.decimal_comma, first_line};
        }
    }
    if (said && std::get<2>(best_rank) < 0)
        best = {*said, detail::fit_of(bytes, name, *said).decimal_comma, first_line};
    return best;
}

} // namespace tinysparse::data
