// SPDX-License-Identifier: Apache-2.0
// Finds the files of a folder that are tables or recordings of one set, and their class and part by place and name:
//   PATH/train.csv, PATH/test.csv          one part each
//   PATH/exp01_user01.csv ...              one set, if all have a label column
//   PATH/idle.1.csv, PATH/punch.csv ...    the name begins with the class, if none has a label column
//   PATH/CLASS/*.csv                       a folder for each class
//   PATH/train/..., val/, test/            any of these in each
// With windows, .npy files may replace CSV files in the last three: [time] or [time][channels].
#pragma once
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/folder.hpp"

namespace tinysparse::data {

/// A file of rows.
struct TableFile {
    std::string path, name;                ///< name: relative to the path of the data.
    std::optional<Part> part;              ///< From folder or name.
    std::optional<std::string> class_name; ///< From folder or name; no value: a column is the label.
};

/// All tables in a folder, and the source of their classes.
struct TableLayout {
    /// Where the class of a row is found.
    enum class Classes { column, file_name, folder };
    std::vector<TableFile> files;
    Classes classes = Classes::column;
    std::vector<std::string> left_out;              ///< Folders without tables, or that this layout does not reach.
    std::map<std::string, std::size_t> other_files; ///< By ending: files in its folders that are not tables.
};

namespace detail {

/// The tables in the folder itself. with_arrays: .npy files that are not a pair of samples and labels count as well.
inline std::vector<NamedFile> direct_tables(const std::string& folder, bool with_arrays) {
    std::vector<NamedFile> files = known_files(folder);
    std::erase_if(files, [&](const NamedFile& file) {
        const bool array =
            file.kind == FileKind::array && file.role == Role::unknown && lower_case(file.file).ends_with(".npy");
        return file.kind != FileKind::csv && !(with_arrays && array);
    });
    return files;
}

/// The name without its ending and the piece before it that follows a point, and without numbers after separators or in
/// parentheses: idle.1a2b.csv, idle_2024-01-05.csv and idle (2).csv are idle.
inline std::string without_number(const std::string& stem) {
    const std::size_t close = stem.ends_with(')') ? stem.size() - 1 : stem.size();
    std::size_t at = close;
    while (at > 0 && stem[at - 1] >= '0' && stem[at - 1] <= '9') --at;
    if (at == close || at == 0) return stem;
    const bool bracketed = close < stem.size() && stem[at - 1] == '(';
    if (bracketed) --at;
    const std::size_t digits = at;
    while (at > 0 && std::string_view(" _-").find(stem[at - 1]) != std::string_view::npos) --at;
    return at > 0 && (bracketed || at < digits) ? without_number(stem.substr(0, at)) : stem;
}

inline std::string class_stem(const std::string& file) {
    std::string stem(without_gz(file));
    stem.erase(std::min(stem.rfind('.'), stem.size())); // the ending
    if (const std::size_t point = stem.rfind('.'); point != stem.npos && point > 0) stem.erase(point);
    return without_number(stem);
}

/// The classes of files by their names: idle.1.csv, idle_2.csv and idle(3).csv are idle. A number directly after a word
/// belongs to the class, unless there are several classes without such numbers: flex1, flex2, punch1.
inline std::vector<std::string> classes_of_names(const std::vector<std::string>& files) {
    std::vector<std::string> stems, bare;
    bool numbered = false; // some names end with a number that does not belong to the class
    for (const std::string& file : files) {
        stems.push_back(class_stem(file));
        const std::string_view plain = without_gz(file);
        numbered = numbered || plain.substr(0, plain.rfind('.')) != stems.back();
        std::string word = stems.back();
        while (word.size() > 1 && word.back() >= '0' && word.back() <= '9') word.pop_back();
        bare.push_back(word);
    }
    const auto different = [](const std::vector<std::string>& words) {
        return std::set<std::string>(words.begin(), words.end()).size();
    };
    return !numbered && different(bare) >= 2 && different(bare) < different(stems) ? bare : stems;
}

/// Whether a table contains its labels; called for files whose names or folders could be their classes.
using HasLabels = std::function<bool(const std::string& path, bool in_class_folder)>;

/// "2 .txt, 1 .xlsx": counts files of unknown kinds in a folder.
inline void count_other_files(const std::string& folder, std::map<std::string, std::size_t>& counts) {
    for (const std::string& name : unknown_files(folder)) ++counts[std::filesystem::path(name).extension().string()];
}

/// The tables of a folder without part folders. `prefix` is put before their names.
inline TableLayout layout_of_one(const std::string& folder, const std::string& prefix, std::optional<Part> part,
                                 bool with_arrays, const HasLabels& has_labels) {
    TableLayout layout;
    const std::vector<NamedFile> direct = direct_tables(folder, with_arrays);
    for (const NamedFile& file : direct)
        layout.files.push_back({path_in(folder, file.file), prefix + file.file, part ? part : file.part, {}});
    count_other_files(folder, layout.other_files);
    for (const std::string& sub : subfolders(folder)) {
        const std::string class_folder = path_in(folder, sub);
        const std::vector<NamedFile> tables = direct_tables(class_folder, with_arrays);
        if (!tables.empty() == !direct.empty()) layout.left_out.push_back(class_folder);
        if (!direct.empty()) continue;
        count_other_files(class_folder, layout.other_files);
        for (const NamedFile& file : tables)
            layout.files.push_back({path_in(class_folder, file.file), prefix + sub + "/" + file.file, part, sub});
        for (const std::string& deeper : subfolders(class_folder))
            if (!direct_tables(path_in(class_folder, deeper), with_arrays).empty())
                layout.left_out.push_back(path_in(class_folder, deeper));
    }
    if (layout.files.empty()) return layout;
    if (direct.empty()) {
        if (has_labels(layout.files.front().path, true)) {
            for (TableFile& file : layout.files) file.class_name.reset();
            return layout;
        }
        layout.classes = TableLayout::Classes::folder;
        return layout;
    }
    if (std::any_of(direct.begin(), direct.end(), [&](const NamedFile& f) { return !f.part != !direct[0].part; })) {
        std::vector<std::string> paths;
        for (const TableFile& file : layout.files) paths.push_back(file.path);
        throw Error(text(folder, ": more than one data set lies here; choose one: ", join(paths, "; ")));
    }
    const auto labelled = [&](const TableFile& file) { return has_labels(file.path, false); };
    if (!part && is_one_set(direct)) return layout;
    const auto without = std::find_if_not(layout.files.begin(), layout.files.end(), labelled);
    if (without == layout.files.end()) return layout;
    const auto with = std::find_if(layout.files.begin(), layout.files.end(), labelled);
    if (with != layout.files.end())
        throw Error(text(folder, ": ", with->name, " has a label column, ", without->name,
                         " has none; move what is not part of the data set out of the folder, or name one file"));
    layout.classes = TableLayout::Classes::file_name;
    std::vector<std::string> names;
    for (const NamedFile& file : direct) names.push_back(file.file);
    const std::vector<std::string> classes = classes_of_names(names);
    for (std::size_t i = 0; i < classes.size(); ++i) layout.files[i].class_name = classes[i];
    return layout;
}
} // namespace detail

/// The tables of a folder, in the order of their names; no files if it has none. Throws Error if only some have a label
/// column, or if the parts are laid out differently.
inline TableLayout table_layout(const std::string& folder, bool with_arrays, const detail::HasLabels& has_labels) {
    using namespace detail;
    std::vector<std::pair<Part, std::string>> parts;
    for (const std::string& name : subfolders(folder))
        if (const auto part = part_named(lower_case(name))) parts.push_back({*part, name});
    TableLayout all;
    std::vector<std::string> empty_parts;
    for (const auto& [part, name] : parts) {
        TableLayout one = layout_of_one(path_in(folder, name), name + "/", part, with_arrays, has_labels);
        if (one.files.empty()) {
            empty_parts.push_back(path_in(folder, name));
            continue;
        }
        if (!all.files.empty() && one.classes != all.classes)
            throw Error(text(folder, ": its folders ", all.files.front().name, " and ", one.files.front().name,
                             " lie in are laid out differently"));
        all.classes = one.classes;
        all.files.insert(all.files.end(), one.files.begin(), one.files.end());
        all.left_out.insert(all.left_out.end(), one.left_out.begin(), one.left_out.end());
        for (const auto& [ending, count] : one.other_files) all.other_files[ending] += count;
    }
    if (!all.files.empty()) {
        all.left_out.insert(all.left_out.end(), empty_parts.begin(), empty_parts.end());
        for (const std::string& name : subfolders(folder))
            if (!part_named(lower_case(name))) all.left_out.push_back(path_in(folder, name));
    }
    return all.files.empty() ? layout_of_one(folder, "", std::nullopt, with_arrays, has_labels) : all;
}

} // namespace tinysparse::data
