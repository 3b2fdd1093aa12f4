// SPDX-License-Identifier: Apache-2.0
// The text that names a data set on a command line: PATH[,key=value...] or synthetic:NAME[,key=value...].
//   binary=0-4    these classes against the rest; a list as 0-4+7, of numbers or class names
//   size=14x14    height x width; every sample is area-averaged to it
//   shrink=4      blocks of 4x4 pixels become their average; pixels beyond the last whole block are not used; pictures
//                 with a side above 64 are shrunk to at most 32 unless size= or shrink= is given
//   gray          colours become their luma
//   pixels=rgb565 pictures as from a camera with 5, 6 and 5 bits of red, green and blue
//   bits=12       lower bits that hold the value of samples of 16 bits in folders of pictures (16 unless stated)
//   val=0.1       share of the training part that becomes the validation part (0.1 unless stated), stratified
//   test=0.2      share of the whole that becomes the test part if the data have none (0.2 unless stated), stratified
//   limit=N       keep about N training samples, stratified, after validation and test parts are taken off; these two
//                 keep their size, so accuracies under different limits are comparable
//   images=FILE labels=FILE split=FILE   files in PATH by name; split holds 0, 1, 2 = train, validation, test
//   names=FILE    class names, one per line
//   layout=nct    series: samples x channels x time; ntc: samples x time x channels
//   shape=CxHxW   one row is one sample of this shape (HxW: one channel)
//   classes=A+B   keep these classes only; merge=NEW:A+B merges several into one, and may be given several times
//   group=recording|file|COLUMN|PATTERN   samples that stay in one part; a pattern is such as *_user(*).csv
//   groups=FILE   the same, one line for each sample or recording
//   test_groups=2+4 val_groups=5   groups that make up the test and the validation part
// For tables and recordings (CSV, and .npy with window=):
//   label=COLUMN  the label's column by name or number from 1, or first, last
//   task=regression  labels are target numbers, not classes; several columns with label=A+B. For arrays too
//   columns=A+B   channels, in this order; skip=A+B columns that are not channels
//   missing=error|skip|hold   treatment of rows with missing values
//   window=N stride=N   rows are moments of time, columns channels; windows of N rows, one every stride rows
//   rate=50       moments per second, if no column of time tells
// In values \, is a comma; every other backslash stands for itself.
//
//   samples=N seed=S    synthetic sets: number of samples in all, and the seed
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/camera.hpp"
#include "tinysparse/base/characters.hpp"
#include "tinysparse/base/error.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/array.hpp"
#include "tinysparse/data/dataset.hpp"

namespace tinysparse::data {

/// Treatment of a row with missing values: throw Error, skip the row, or repeat the values of the row before.
enum class Missing : std::uint8_t { error, skip, hold };

/// The input of a model, if the pictures are for one.
struct PictureInput {
    int channels = 1, height = 1, width = 1;
    std::optional<Camera> camera;
};

/// Largest side of a picture.
inline constexpr std::size_t max_picture_side = 65535;

/// Largest size of the samples of a set, in bytes. More is a mistake in the SPEC, which an Error reports at once.
inline constexpr std::uint64_t max_data_bytes = std::uint64_t{1} << 32;

/// A parsed SPEC. Missing keys are empty or have no value.
struct Request {
    std::string text;      ///< The SPEC as it was written.
    std::string path;      ///< Empty for a synthetic set.
    std::string synthetic; ///< Name of the synthetic set, or empty.
    /// Values as text, not yet split.
    std::string binary, images, labels, split, names, label, classes, group, groups;
    std::vector<std::string> merge;                                  ///< Each NEW:A+B.
    std::vector<std::string> columns, skip, test_groups, val_groups; ///< The pieces between '+'.
    Missing missing = Missing::error;
    bool regression = false;                                   ///< Labels are target numbers.
    std::optional<std::pair<int, int>> size;                   ///< Height, width.
    bool gray = false, rgb565 = false;                         ///< Colours become luma; colours of 16 bits.
    std::optional<std::size_t> shrink;                         ///< Side of the blocks that become one pixel.
    std::optional<int> bits;                                   ///< 8..16
    std::optional<double> validation, test;                    ///< Shares, 0 to below 1, of val= and test=.
    std::optional<double> rate;                                ///< Moments per second, above 0.
    std::optional<std::size_t> limit, window, stride, samples; ///< Numbers of samples, rows, rows and samples.
    std::optional<std::uint64_t> seed;
    std::optional<Layout> layout;
    std::optional<Shape> shape;
    std::vector<std::string> given;    ///< The keys that were given.
    std::optional<PictureInput> model; ///< Decides for pictures what the text leaves open; it is not part of the text.

    /// True if the text names the key, even with its default value.
    bool gives(std::string_view key) const { return std::find(given.begin(), given.end(), key) != given.end(); }
};

/// The SPEC itself is wrong: a key is unknown, its value malformed, or it does not suit this kind of data or another
/// key. Files that are missing or whose content cannot be used are a plain Error.
class SpecError : public Error {
  public:
    using Error::Error; ///< From the sentence.
};

namespace detail {

/// "data 'x.csv,window=9': ..."
inline std::string about_spec(const Request& request, std::string_view what) {
    return tinysparse::text("data '", request.text, "': ", what);
}
[[noreturn]] inline void fail_spec(const Request& request, std::string_view what) {
    throw SpecError(about_spec(request, what));
}
/// For data that cannot be used although the SPEC is well-formed.
[[noreturn]] inline void fail_data(const Request& request, std::string_view what) {
    throw Error(about_spec(request, what));
}

/// Throws if one of the keys was given: a key without effect is never ignored silently.
inline void refuse_keys(const Request& request, std::initializer_list<std::string_view> keys, std::string_view why) {
    for (const std::string_view key : keys)
        if (request.gives(key)) fail_spec(request, tinysparse::text(key, key == "gray" ? "" : "=", " ", why));
}

/// Throws Error before samples are made that would take more than max_data_bytes in all. `key`: the key that asks for
/// it.
inline void check_bytes(const Request& request, std::string_view key, std::uint64_t samples, std::uint64_t sample_bytes,
                        std::string_view cure) {
    if (samples <= max_data_bytes / std::max<std::uint64_t>(1, sample_bytes)) return;
    const double gibibytes = double(samples) * double(sample_bytes) / (1 << 30);
    fail_data(request, tinysparse::text(key, ": ", samples, " samples of ", sample_bytes, " bytes would take ",
                                        fixed_decimals(gibibytes, 1), " GiB of memory, at most ", max_data_bytes >> 30,
                                        " are possible; ", cure));
}

/// The pieces between commas. "\\," is a comma within a piece; any other backslash stands for itself.
inline std::vector<std::string> split_spec(std::string_view spec) {
    std::vector<std::string> pieces(1);
    for (std::size_t i = 0; i < spec.size(); ++i) {
        if (spec[i] == '\\' && i + 1 < spec.size() && spec[i + 1] == ',')
            pieces.back() += spec[++i];
        else if (spec[i] == ',')
            pieces.emplace_back();
        else
            pieces.back() += spec[i];
    }
    return pieces;
}

/// Positive lengths between 'x': "28x28". Empty for any other text.
inline std::vector<int> parse_lengths(std::string_view value) {
    std::vector<int> lengths;
    for (const std::string& piece : tinysparse::split(value, 'x')) {
        const auto length = parse_number<int>(piece);
        if (!length || *length < 1 || std::size_t(*length) > max_picture_side) return {};
        lengths.push_back(*length);
    }
    return lengths;
}

/// A key of the text: the kind of data it applies to, and the way its value is read.
struct SpecKey {
    std::string_view name;
    enum class For { all, files, synthetic } use;
    void (*set)(Request&, const SpecKey&, const std::string& value); ///< Null for a word without a value: gray.

    [[noreturn]] void fail(const Request& request, const std::string& value, std::string_view expected) const {
        fail_spec(request, tinysparse::text(name, "=", value, ": expected ", expected));
    }
};

template <std::string Request::*member> void set_word(Request& request, const SpecKey&, const std::string& value) {
    request.*member = value;
}

template <std::vector<std::string> Request::*member>
void set_words(Request& request, const SpecKey& key, const std::string& value) {
    request.*member = tinysparse::split(value, '+');
    for (const std::string& word : request.*member)
        if (word.empty()) key.fail(request, value, "names with + between them");
}

inline void add_merge(Request& request, const SpecKey& key, const std::string& value) {
    const std::size_t colon = value.find(':');
    if (colon == 0 || colon == std::string::npos || colon + 1 == value.size())
        key.fail(request, value, "NEW:A+B, such as moving:walking+upstairs");
    request.merge.push_back(value);
}

inline void set_missing(Request& request, const SpecKey& key, const std::string& value) {
    if (value != "error" && value != "skip" && value != "hold") key.fail(request, value, "error, skip or hold");
    request.missing = value == "error" ? Missing::error : value == "skip" ? Missing::skip : Missing::hold;
}

inline void set_task(Request& request, const SpecKey& key, const std::string& value) {
    if (value != "regression") key.fail(request, value, "regression; classes need no task=");
    request.regression = true;
}

template <std::optional<std::size_t> Request::*member>
void set_count(Request& request, const SpecKey& key, const std::string& value) {
    request.*member = parse_number<std::size_t>(value);
    if ((request.*member).value_or(0) < 1 || *(request.*member) > 1000000000)
        key.fail(request, value, "a whole number from 1");
}

template <std::optional<double> Request::*member>
void set_share(Request& request, const SpecKey& key, const std::string& value) {
    const auto share = parse_number<double>(value);
    if (!share || !(*share >= 0 && *share < 1)) key.fail(request, value, "a share from 0 to below 1, such as 0.1");
    if (member == &Request::test && *share == 0)
        key.fail(request, value, "a share above 0; there is always a test part");
    request.*member = *share;
}

inline void set_rate(Request& request, const SpecKey& key, const std::string& value) {
    request.rate = parse_number<double>(value);
    if (!request.rate || !(*request.rate > 0 && *request.rate <= 1e6))
        key.fail(request, value, "moments per second, above 0 and at most 1000000, such as 50");
}

inline void set_seed(Request& request, const SpecKey& key, const std::string& value) {
    request.seed = parse_number<std::uint64_t>(value);
    if (!request.seed) key.fail(request, value, "a whole number from 0");
}

inline void set_size(Request& request, const SpecKey& key, const std::string& value) {
    const std::vector<int> lengths = parse_lengths(value);
    if (lengths.size() != 2) key.fail(request, value, "height x width, such as 14x14");
    request.size = {lengths[0], lengths[1]};
}

inline void set_bits(Request& request, const SpecKey& key, const std::string& value) {
    request.bits = parse_number<int>(value);
    if (!request.bits || *request.bits < 8 || *request.bits > 16) key.fail(request, value, "a whole number of 8 to 16");
}

inline void set_pixels(Request& request, const SpecKey& key, const std::string& value) {
    if (value != info(Pixels::rgb565).name) key.fail(request, value, "rgb565; without this key pixels have 8 bits");
    request.rgb565 = true;
}

inline void set_shape(Request& request, const SpecKey& key, const std::string& value) {
    std::vector<int> lengths = parse_lengths(value);
    if (lengths.size() == 2) lengths.insert(lengths.begin(), 1);
    if (lengths.size() != 3) key.fail(request, value, "height x width or channels x height x width, such as 28x28");
    request.shape = Shape{lengths[0], lengths[1], lengths[2]};
    if (request.shape->size() > max_sample_size)
        key.fail(request, value, tinysparse::text("at most ", max_sample_size, " elements"));
}

inline void set_layout(Request& request, const SpecKey& key, const std::string& value) {
    if (value != "nct" && value != "ntc") key.fail(request, value, "nct or ntc");
    request.layout = value == "nct" ? Layout::nct : Layout::ntc;
}

inline constexpr SpecKey spec_keys[] = {{"binary", SpecKey::For::all, set_word<&Request::binary>},
                                        {"size", SpecKey::For::all, set_size},
                                        {"shrink", SpecKey::For::all, set_count<&Request::shrink>},
                                        {"gray", SpecKey::For::all, nullptr},
                                        {"pixels", SpecKey::For::all, set_pixels},
                                        {"val", SpecKey::For::all, set_share<&Request::validation>},
                                        {"test", SpecKey::For::all, set_share<&Request::test>},
                                        {"limit", SpecKey::For::all, set_count<&Request::limit>},
                                        {"classes", SpecKey::For::all, set_word<&Request::classes>},
                                        {"merge", SpecKey::For::all, add_merge},
                                        {"group", SpecKey::For::files, set_word<&Request::group>},
                                        {"groups", SpecKey::For::files, set_word<&Request::groups>},
                                        {"test_groups", SpecKey::For::files, set_words<&Request::test_groups>},
                                        {"val_groups", SpecKey::For::files, set_words<&Request::val_groups>},
                                        {"columns", SpecKey::For::files, set_words<&Request::columns>},
                                        {"skip", SpecKey::For::files, set_words<&Request::skip>},
                                        {"missing", SpecKey::For::files, set_missing},
                                        {"images", SpecKey::For::files, set_word<&Request::images>},
                                        {"labels", SpecKey::For::files, set_word<&Request::labels>},
                                        {"split", SpecKey::For::files, set_word<&Request::split>},
                                        {"names", SpecKey::For::files, set_word<&Request::names>},
                                        {"layout", SpecKey::For::files, set_layout},
                                        {"label", SpecKey::For::files, set_word<&Request::label>},
                                        {"task", SpecKey::For::files, set_task},
                                        {"shape", SpecKey::For::files, set_shape},
                                        {"bits", SpecKey::For::files, set_bits},
                                        {"window", SpecKey::For::files, set_count<&Request::window>},
                                        {"stride", SpecKey::For::files, set_count<&Request::stride>},
                                        {"rate", SpecKey::For::files, set_rate},
                                        {"samples", SpecKey::For::synthetic, set_count<&Request::samples>},
                                        {"seed", SpecKey::For::synthetic, set_seed}};
[[noreturn]] inline void fail_unknown_key(const Request& request, const std::string& key) {
    const std::vector<std::string> known = names_of(spec_keys);
    const std::string near = nearest(key, known);
    fail_spec(request, text("unknown key '", key, "'; ",
                            near.empty() ? text("use one of ", join(known, ", "), "; a comma within a value is \\,")
                                         : "did you mean " + near + "?"));
}

} // namespace detail

/// Parses a SPEC. Throws SpecError, which repeats the text and names the key, what was found and what was expected.
inline Request parse_spec(std::string_view spec) {
    Request request;
    request.text = spec;
    if (const auto control = control_character(spec))
        throw SpecError(text("data '", printable(spec), "': a path or value has the control character ", *control,
                             "; rename what it names"));
    const std::vector<std::string> pieces = detail::split_spec(spec);
    constexpr std::string_view prefix = "synthetic:";
    if (pieces[0].starts_with(prefix))
        request.synthetic = pieces[0].substr(prefix.size());
    else
        request.path = pieces[0];
    if (request.synthetic.empty() && request.path.empty())
        detail::fail_spec(request,
                          "begins with no path; expected PATH[,key=value...] or synthetic:NAME[,key=value...]");

    for (std::size_t i = 1; i < pieces.size(); ++i) {
        const std::size_t equals = pieces[i].find('=');
        const std::string key = pieces[i].substr(0, equals);
        const detail::SpecKey* row = row_named(detail::spec_keys, key);
        if (!row) detail::fail_unknown_key(request, key);
        if (key != "merge" && request.gives(key)) detail::fail_spec(request, text(key, " is given twice"));
        request.given.push_back(key);
        const bool has_value = equals != std::string::npos && equals + 1 < pieces[i].size();
        if (!row->set) {
            if (equals != std::string::npos) detail::fail_spec(request, "gray takes no value");
            request.gray = true;
        } else if (!has_value) {
            detail::fail_spec(request, text(key, " needs a value: ", key, "=..."));
        } else {
            row->set(request, *row, pieces[i].substr(equals + 1));
        }
    }
    if (request.regression)
        detail::refuse_keys(request, {"classes", "merge", "binary", "names"},
                            "is for classes; with task=regression the answers are numbers");
    const bool files = request.synthetic.empty();
    for (const detail::SpecKey& key : detail::spec_keys)
        if (key.use == (files ? detail::SpecKey::For::synthetic : detail::SpecKey::For::files))
            detail::refuse_keys(request, {key.name},
                                files ? "is for synthetic sets; for fewer samples of a file use limit=N"
                                      : "is for files; a synthetic set has none");
    return request;
}

} // namespace tinysparse::data
