// SPDX-License-Identifier: Apache-2.0
// A picture or a recording without a label, read for a network as the data were read that it was trained on: size,
// colours and bits of pictures; columns, scale of readings, window and stride of recordings.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/array.hpp"
#include "tinysparse/data/columns.hpp"
#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/image_support.hpp"
#include "tinysparse/data/picture_folder.hpp"
#include "tinysparse/data/picture_kind.hpp"
#include "tinysparse/data/read_tables.hpp"
#include "tinysparse/data/recordings.hpp"
#include "tinysparse/data/resample.hpp"
#include "tinysparse/data/spec.hpp"
#include "tinysparse/data/table_reader.hpp"

namespace tinysparse::data {

/// The input of a network, and the SPEC of the data that it was trained on, whose keys say how files are read. A text
/// that is no SPEC, as a program may have given it, counts as one without keys.
struct NetworkInput {
    Shape shape;                            ///< Shape of one sample.
    bool series = false;                    ///< True for rows of readings over time, false for pictures.
    std::optional<Camera> camera;           ///< Pictures: preparation on the device.
    std::vector<Channel> channels = {};     ///< Series: one for each channel, or none if readings are raw already.
    std::string spec = {};                  ///< SPEC of the training data.
    std::optional<std::size_t> stride = {}; ///< Rows from one window to the next, in place of the SPEC's.
    Normalisation normalisation = {};       ///< Series: raw values to int8, which judges the range of readings.
    std::optional<double> rate = {};        ///< Series: moments per second of the training data, if known.
};

/// The lines of a table, or rows of an array, that made a sample.
struct Lines {
    std::uint32_t first = 0, last = 0; ///< Counted from 1; the last one belongs to the sample.
    bool operator==(const Lines&) const = default;
};

/// Samples of one file.
struct Unlabelled {
    Split samples;                          ///< All labels are 0.
    std::vector<Lines> lines;               ///< Place of each sample; empty for a picture.
    std::vector<std::string> notes;         ///< What was changed or left out, one sentence each.
    std::vector<std::string> warnings = {}; ///< Signs that the file is not like the training data, one sentence each.
};

namespace detail {

/// The keys of the training data that tell how one file is read, without those that tell classes, groups and parts.
inline Request reading_of(const NetworkInput& input) {
    Request all;
    try {
        all = parse_spec(input.spec);
    } catch (const Error&) {
        return all;
    }
    Request own;
    own.columns = all.columns;
    own.skip = all.skip;
    own.label = all.label;
    own.group = all.group;
    own.size = all.size;
    own.gray = all.gray;
    own.rgb565 = all.rgb565;
    own.shrink = all.shrink;
    own.bits = all.bits;
    own.window = all.window;
    own.stride = all.stride;
    own.missing = all.missing == Missing::error ? Missing::skip : all.missing; // a window spans no gap
    return own;
}

/// The shape that pictures had before they were prepared, as far as the network tells: its camera's, or its own.
inline CommonShape shape_of_training(const NetworkInput& input, const Request& own) {
    CommonShape common;
    const bool colours = input.shape.channels == 3 || own.gray || own.rgb565;
    common.shape = {colours ? 3 : 1, input.shape.height, input.shape.width};
    common.mixed = !input.camera;
    if (input.camera) common.shape = {common.shape.channels, input.camera->height, input.camera->width};
    return common;
}

/// Notes on a picture that differs from those of the training.
inline void note_picture(const Picture& picture, const CommonShape& common, const PictureFacts& facts,
                         std::vector<std::string>& notes) {
    const Shape& shape = common.shape;
    const std::string sizes =
        text(size_text(picture.height, picture.width), " to ", size_text(shape.height, shape.width));
    const bool same_form = std::int64_t{picture.height} * shape.width == std::int64_t{picture.width} * shape.height;
    if (!same_form)
        notes.push_back(text("the picture was averaged from ", sizes, " (height x width); its proportions changed"));
    if (picture.channels < shape.channels && shape.channels == 3)
        notes.push_back("the picture is gray, and the model was trained on colours; it took the same value for all "
                        "three");
    if (facts.coloured > 0)
        notes.push_back("the picture is in colour, and the model was trained on gray ones; it took the luma of the "
                        "colours");
}

} // namespace detail

/// Reads one picture of any kind that folders of pictures may hold, and prepares it as those of the training were: a
/// picture of another size is averaged to their size. Throws Error if it cannot be read, or if the network does not
/// read one channel or three.
inline Unlabelled read_picture(const std::string& path, const NetworkInput& input, const ImageSupport& support) {
    using namespace detail;
    if (!support.decode)
        throw Error(text(path, ": this program was built without support for pictures; install libstb-dev and build "
                               "it again"));
    if (input.shape.channels != 1 && input.shape.channels != 3)
        throw Error(
            text(path, ": the model reads pictures of ", input.shape.channels, " channels; a picture file has 1 or 3"));
    Request own = reading_of(input);
    own.model = {input.shape.channels, input.shape.height, input.shape.width, input.camera};
    own.size.reset(); // the model's
    if (!input.camera) own.shrink.reset();
    const PictureFile file{path, "", Part::test};
    Picture picture;
    std::string reason;
    if (!with_bytes(file, reason, [&](const std::string& bytes) {
            return support.decode(bytes, own.bits.value_or(all_sample_bits), picture, reason);
        }))
        throw Error(text(path, ": ", reason));
    const CommonShape common = shape_of_training(input, own);
    Unlabelled out;
    PictureFacts facts;
    const Picture header{picture.channels, picture.height, picture.width, {}};
    append_picture(file, std::move(picture), common, preparation_of(own, common.shape), out.samples, facts);
    out.samples.labels = {0};
    out.samples.samples = 1;
    note_picture(header, common, facts, out.notes);
    say_bits(facts, facts.deep > 0 ? own.bits : std::nullopt, out.notes);
    if (out.samples.pixels.size() != input.shape.size())
        throw Error(text(path, ": the picture has ", out.samples.pixels.size(),
                         " values after its preparation, the "
                         "model reads ",
                         input.shape.size()));
    return out;
}

namespace detail {

/// How the rows of one file make samples.
struct RowPlan {
    bool moments = false;     ///< A row is a moment of time; else it is a sample.
    std::size_t channels = 0; ///< Numbers that are read of a row; 0: any multiple of the network's channels.
};

inline std::string channel_names(const NetworkInput& input) {
    std::vector<std::string> names;
    for (const Channel& channel : input.channels) names.push_back(channel.name);
    return column_list(names);
}

/// The channel's name, or its number from 1.
inline std::string channel_key(const NetworkInput& input, std::size_t channel) {
    const bool named = channel < input.channels.size() && !input.channels[channel].name.empty();
    return named ? input.channels[channel].name : text("channel ", channel + 1);
}

/// Whether each channel has the name of a column. The one channel of a row of many moments has the names' stem.
inline bool channels_are_columns(const NetworkInput& input, const Request& own) {
    const bool named = !input.channels.empty() && std::all_of(input.channels.begin(), input.channels.end(),
                                                              [](const Channel& one) { return !one.name.empty(); });
    return named && (own.window || input.channels.size() > 1 || input.shape.height == 1);
}

/// Asks for the columns that the network's channels name. Throws Error if one is absent.
inline void ask_for_channels(Request& own, const NetworkInput& input, const Columns& found, const std::string& path,
                             std::vector<std::string>& notes) {
    own.columns.clear();
    own.skip.clear();
    if (!found.header) {
        if (found.names.size() != input.channels.size())
            throw Error(text(path, ": the file has ", found.names.size(), " columns without names, the model reads ",
                             channel_names(input), "; name the columns in the first line"));
        for (std::size_t c = 0; c < input.channels.size(); ++c) own.columns.push_back(text(c + 1));
        notes.push_back(text("the columns have no names and were taken as ", channel_names(input)));
        return;
    }
    for (const Channel& channel : input.channels) {
        if (!find_column(found.names, channel.name))
            throw Error(text(path, ": there is no column ", channel.name, "; the model reads ", channel_names(input),
                             ", the columns are ", column_list(found.names)));
        own.columns.push_back(channel.name);
    }
}

/// The columns of labels, target numbers and groups, which a file may have and no network reads. `wanted`: columns that
/// the network needs; a label that is known by its place alone counts only if there are more.
inline std::vector<std::size_t> answer_columns(const Request& own, const Columns& found, std::size_t wanted) {
    std::vector<std::size_t> answers;
    const auto add = [&](std::optional<std::size_t> column) {
        if (column && std::find(answers.begin(), answers.end(), *column) == answers.end()) answers.push_back(*column);
    };
    const auto named = [&](const std::string& word) -> std::optional<std::size_t> {
        const auto at = find_column(found.names, word);
        return at && lower_case(found.names[*at]) == lower_case(word) ? at : std::nullopt;
    };
    const bool more = found.names.size() > wanted;
    if (named(own.label))
        add(named(own.label));
    else if (own.label == "first" && more)
        add(0);
    else if (own.label == "last" && more)
        add(found.names.size() - 1);
    else if (find_column(found.names, own.label) && more)
        add(find_column(found.names, own.label));
    else
        for (const std::string& word : split(own.label, '+')) add(named(word));
    if (answers.empty() && found.header && more) add(label_column(found, {}, ""));
    if (groups_by_column(own)) add(named(own.group));
    return answers;
}

/// Settles which columns of a file are read, and whether its rows are moments.
inline RowPlan plan_rows(Request& own, const NetworkInput& input, const Columns& found, const std::string& path,
                         std::vector<std::string>& notes) {
    const auto channels = std::size_t(input.shape.channels), height = std::size_t(input.shape.height);
    RowPlan plan;
    const bool by_name = channels_are_columns(input, own);
    plan.moments = own.window || (height > 1 && (by_name || found.names.size() < channels * height));
    plan.channels = plan.moments ? channels : own.size ? 0 : channels * height;
    if (plan.moments && !own.window) own.window = height;
    if (by_name) {
        ask_for_channels(own, input, found, path, notes);
    } else {
        std::erase_if(own.skip, [&](const std::string& word) { return !find_column(found.names, word); });
        if (own.columns.empty())
            for (const std::size_t column : answer_columns(own, found, plan.channels))
                own.skip.push_back(found.names[column].empty() ? text(column + 1) : found.names[column]);
        std::sort(own.skip.begin(), own.skip.end());
        own.skip.erase(std::unique(own.skip.begin(), own.skip.end()), own.skip.end());
    }
    own.label.clear();
    own.group.clear();
    return plan;
}

/// Rows of the longest run in one recording that has all values.
inline std::size_t longest_run(const Table& table) {
    std::size_t longest = 0;
    for (std::size_t r = 0; r < table.recordings.size(); ++r) {
        std::size_t run = 0;
        for (std::size_t row = table.recordings[r]; row < table.recording_end(r); ++row) {
            run = table.labels[row] == Table::none ? 0 : run + 1;
            longest = std::max(longest, run);
        }
    }
    return longest;
}

/// Throws Error unless the rows have the numbers that the network reads, and are enough for a sample.
inline void check_rows(const TableSet& set, const NetworkInput& input, const Request& own, const RowPlan& plan,
                       const std::string& path) {
    const std::size_t count = set.channels.size(), window = own.window.value_or(1);
    const auto channels = std::size_t(input.shape.channels);
    if (plan.channels ? count != plan.channels
                      : count % channels != 0 || count / channels < std::size_t(input.shape.height))
        throw Error(
            text(path, ": ", count, count == 1 ? " column" : " columns", " of numbers (", column_list(set.channels),
                 "); the model reads ", input.shape.channels, channels == 1 ? " channel" : " channels", " of ",
                 input.shape.height, " moments",
                 input.channels.empty() || input.channels[0].name.empty() ? "" : text(": ", channel_names(input))));
    const std::size_t longest = longest_run(set.tables.front());
    if (longest >= window) return;
    throw Error(longest == 0 ? text(path, ": no row has all values")
                             : text(path, ": the model reads ", window, " rows at once; the longest run of rows has ",
                                    longest, longest < set.tables.front().rows() ? ", between gaps" : ""));
}

inline TableSet read_one_table(const Request& own, const std::string& bytes, const std::string& path) {
    TableReader reader(own);
    if (looks_like_npy(bytes))
        reader.read_array(parse_npy(bytes, path), path, Part::test, "");
    else
        reader.read(bytes, path, path, Part::test, "");
    return reader.finish();
}

/// Warns of readings that the network's input clips, or that nearly all fall on one level of it. values:
/// [samples][channels][height]. At most one reading in a thousand was clipped in the training.
inline void warn_of_range(const NetworkInput& input, const std::vector<std::int16_t>& values,
                          std::vector<std::string>& warnings) {
    const Normalisation& normalisation = input.normalisation;
    const auto channels = std::size_t(input.shape.channels), height = std::size_t(input.shape.height);
    if (normalisation.offset.size() != channels || normalisation.shift.size() != channels || values.empty()) return;
    bool fine = false, flat = true; // channels of few levels in the training, whose shift is negative, tell nothing
    for (std::size_t c = 0; c < channels; ++c) {
        std::size_t outside = 0, all = 0;
        std::int32_t low = 127, high = -128;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (i / height % channels != c) continue;
            const std::int32_t level = scaled_value(values[i], normalisation.offset[c], normalisation.shift[c]);
            outside += level < -128 || level > 127 || values[i] == INT16_MIN || values[i] == INT16_MAX;
            ++all;
            low = std::min(low, level);
            high = std::max(high, level);
        }
        if (10 * outside >= all)
            warnings.push_back(text(100 * outside / all, " % of ", channel_key(input, c),
                                    " is outside the range of the training data; is the unit the same?"));
        fine = fine || normalisation.shift[c] >= 0;
        flat = flat && (normalisation.shift[c] < 0 || high - low <= 1);
    }
    if (fine && flat && values.size() / channels >= 16)
        warnings.push_back("the readings hardly change, compared with the training data; is the unit the same?");
}

/// Warns if the recording has another rate than the training data; they differ by a tenth.
inline void warn_of_rate(const NetworkInput& input, std::optional<double> rate, std::size_t window,
                         std::vector<std::string>& warnings) {
    if (!rate || !input.rate) return;
    const double averaged = *rate * double(input.shape.height) / double(window);
    if (averaged > 1.1 * *input.rate || *input.rate > 1.1 * averaged)
        warnings.push_back(text(*rate, " rows per second, but the model was trained at ",
                                significant(*input.rate * double(window) / double(input.shape.height), 5)));
}

/// Columns of an array of a recording, which have no names.
inline Columns array_columns(const Array& array) {
    Columns columns;
    columns.names.resize(array.dimensions.size() == 2 ? array.dimensions[1] : 1);
    return columns;
}

} // namespace detail

/// Reads one table or recording. If the training data were windows, or if the rows have too few numbers to be samples,
/// rows are moments and each window is a sample: as long as those of the training, one every stride rows. Columns are
/// found by the names of the network's channels; labels are not used. Throws Error if columns are absent or rows too
/// few.
inline Unlabelled read_recording(const std::string& path, const NetworkInput& input) {
    using namespace detail;
    const std::string bytes = read_data_file(path);
    if (is_read_picture(bytes) || !unread_name(bytes).empty())
        throw Error(text(path, ": this is no table; the model reads series of ", input.shape.channels, " channels and ",
                         input.shape.height, " moments, as CSV or .npy"));
    Unlabelled out;
    Request own = reading_of(input);
    if (input.stride) own.stride = input.stride;
    const Columns found =
        looks_like_npy(bytes) ? array_columns(parse_npy(bytes, path)) : first_columns(own, bytes, path);
    const RowPlan plan = plan_rows(own, input, found, path, out.notes);
    const TableSet set = read_one_table(own, bytes, path);
    check_rows(set, input, own, plan, path);
    own.regression = true; // all rows are alike
    const Pieces pieces = cut_pieces(set, {{""}, {0}}, own, Grouping::independent);
    const std::size_t window = own.window.value_or(1);
    LabelledArrays arrays = std::move(arrays_from_pieces(set, pieces, window).front());
    const Table& table = set.tables.front();
    for (const Piece& piece : pieces.all)
        out.lines.push_back({table.lines[piece.row], table.lines[piece.row + window - 1]});
    const int height = int(plan.moments ? window : set.channels.size() / std::size_t(input.shape.channels));
    std::vector<Channel> channels = input.channels;
    channels.resize(std::size_t(input.shape.channels));
    convert_samples<std::int16_t>(arrays.samples, {{input.shape.channels, height, 1}, true, plan.moments}, 1, channels,
                                  out.samples);
    if (height != input.shape.height)
        out.samples.values = averaged_in_time(out.samples.values, height, input.shape.height);
    out.samples.samples = pieces.all.size();
    out.samples.labels.assign(out.samples.samples, 0);
    out.notes.insert(out.notes.end(), pieces.notes.begin(), pieces.notes.end());
    out.warnings = set.warnings;
    warn_of_range(input, out.samples.values, out.warnings);
    if (plan.moments) warn_of_rate(input, set.sampling_rate, window, out.warnings);
    return out;
}

/// Reads a file as the network's input: a picture, or a table or recording.
inline Unlabelled read_unlabelled(const std::string& path, const NetworkInput& input, const ImageSupport& support) {
    return input.series ? read_recording(path, input) : read_picture(path, input, support);
}

} // namespace tinysparse::data
