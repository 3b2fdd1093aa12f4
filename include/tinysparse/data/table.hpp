// SPDX-License-Identifier: Apache-2.0
// Tables: files with the same columns, as numbers, labels and groups, row by row. A recording is a file, or a block of
// a file between blank lines (or lines such as ",,,").
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tinysparse/data/dataset.hpp"

namespace tinysparse::data {

/// Different words, numbered in the order of their first appearance.
class Words {
  public:
    /// Number of the word, counted from 0 in the order of first use.
    std::uint32_t index(const std::string& word) {
        const auto [entry, is_new] = index_.try_emplace(word, std::uint32_t(words_.size()));
        if (is_new) words_.push_back(word);
        return entry->second;
    }
    /// Words by number.
    const std::vector<std::string>& all() const { return words_; }

  private:
    std::vector<std::string> words_;
    std::map<std::string, std::uint32_t> index_;
};

/// The rows of one file.
struct Table {
    static constexpr std::uint32_t none = UINT32_MAX; ///< Label or group of a row without one.

    std::string name;                  ///< The file, relative to the path of the data.
    std::optional<Part> part;          ///< From its name or folder.
    std::vector<float> numbers;        ///< [rows][channels]
    std::vector<std::uint32_t> lines;  ///< Line of each row in the file, from 1.
    std::vector<std::uint32_t> labels; ///< Label of each row, as TableSet::labels counts; none: row skipped.
    std::vector<float> targets;        ///< Target numbers, [rows][targets]; meaningless in skipped rows.
    std::vector<std::uint32_t>
        groups; ///< Group of each row, as TableSet::groups counts; empty if no column is a group.
    std::vector<std::size_t> recordings;     ///< Rows where recordings begin; the first is 0.
    std::size_t unlabelled = 0, missing = 0; ///< Skipped rows, without a label or without values.

    /// Keeps these of the `width` channels.
    void keep_columns(const std::vector<std::size_t>& kept, std::size_t width) {
        std::vector<float> left;
        left.reserve(rows() * kept.size());
        for (std::size_t row = 0; row < rows(); ++row)
            for (const std::size_t i : kept) left.push_back(numbers[row * width + i]);
        numbers = std::move(left);
    }
    /// Rows of the file, skipped ones included.
    std::size_t rows() const { return lines.size(); }
    /// Row after the last one of recording i.
    std::size_t recording_end(std::size_t i) const { return i + 1 < recordings.size() ? recordings[i + 1] : rows(); }
};

/// The tables of one set, with the words and channels that they share.
struct TableSet {
    std::vector<std::string> channels; ///< Names; empty words if the files have no header.
    std::vector<std::string> targets;  ///< Names of the target numbers; none if the labels are classes.
    std::vector<Table> tables;
    Words labels, groups;                ///< If labels are target numbers, all are the same word.
    std::optional<double> sampling_rate; ///< Hertz.
    std::vector<std::string> notes;      ///< Interpretations, one sentence each.
    std::vector<std::string> warnings;   ///< Doubts, one sentence each.
};

} // namespace tinysparse::data
