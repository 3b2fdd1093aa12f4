// SPDX-License-Identifier: Apache-2.0
// Repair of a damaged journal. Each line has its own checksum, so whole lines stay as they are, and damaged ones are
// named and left out. The old file is kept. Trials whose records are lost are marked as lost in their own line: their
// children stay, and a search by trials runs them again.
#pragma once
#include <cstddef>
#include <filesystem>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/search/run_folder.hpp"

namespace tinysparse::search {

/// Result of a repair.
struct Repair {
    std::size_t lines = 0, kept = 0;   ///< Number of lines in the old file, and of those kept in the new one.
    std::vector<std::string> left_out; ///< One sentence for each line that is left out.
    std::vector<std::string> changes;  ///< Other repairs.
    std::set<std::size_t> lost;        ///< Trials that are marked as lost.
    std::string old_file;              ///< Path of the old file now; empty: nothing had to be done.
};

namespace detail {

/// The number of the trial to which a damaged line seems to belong.
inline std::optional<std::size_t> readable_trial(std::string_view line) {
    constexpr std::string_view begin = "{\"trial\":";
    if (!line.starts_with(begin)) return std::nullopt;
    line.remove_prefix(begin.size());
    return parse_number<std::size_t>(line.substr(0, line.find(',')));
}

/// Goes through the whole lines of a journal and keeps those that are consistent with each other.
class Sieve {
  public:
    /// Reads a journal. Throws Error if the head is lost, because nothing can be made of the rest without it.
    Sieve(const JournalText& file, std::string path) : path_(std::move(path)) {
        const bool whole = !file.whole.empty() && file.whole.front().number == 1;
        const json::Value head = whole ? json::parse(file.whole.front().bytes, path_ + ": line 1") : json::Value();
        if (!whole || !head.find("run"))
            throw Error(text(path_, ": line 1, which says what was searched, is damaged, and nothing can be made of "
                                    "the trials without it; begin a new run; its models are whole files of their own "
                                    "in models/ beside it"));
        log_ = log_from_lines({head}, path_).value();
        kept_.push_back(file.whole.front().bytes);
        for (std::size_t i = 1; i < file.whole.size(); ++i) take(file.whole[i]);
        for (const JournalText::Line& line : file.damaged) lose(line);
        find_lost();
        leave_out_later_measurements();
    }

    const std::vector<std::string_view>& kept() const { return kept_; }
    const std::set<std::size_t>& lost() const { return lost_; }
    /// Notes on damaged lines of which nothing is lost.
    const std::vector<std::string>& mended() const { return mended_; }
    /// Notes on lines left out, by line.
    const std::map<std::size_t, std::string>& left_out() const { return left_out_; }

  private:
    struct MeasuredLine {
        std::size_t number;
        std::string_view bytes;
        std::size_t trials; ///< Trials of the goal then in force, all before the line; 0 in a run by time.
    };

    void leave_out(std::size_t line, std::string_view why) { left_out_[line] = text("line ", line, ": ", why); }

    void take(const JournalText::Line& line) {
        try {
            const json::Value value = json::parse(line.bytes, "");
            const json::Reader in(value, "");
            if (in.has("run")) return leave_out(line.number, "another search that began here");
            if (in.has("trial")) {
                if (!take_record(in, line.number)) return;
            } else if (in.has("goal")) {
                log_.goal = goal_from_json(in.at("goal"));
                if (in.has("build")) build_from_json(in.at("build"));
            } else if (in.has("measured")) {
                if (!take_measurements(in, line)) return;
            } else if (in.has("refits")) {
                for (const json::Reader& one : in.at("refits").items())
                    if (const std::size_t trial = refit_from_json(one).trial; !lines_.contains(trial))
                        return leave_out(line.number, text("the last training of trial ", trial, ", which is lost"));
            } else if (in.has("lost")) {
                for (const std::size_t number : in.at("lost").as<std::vector<std::size_t>>()) lost_.insert(number);
            } else {
                end_from_json(in.at("end"));
            }
            kept_.push_back(line.bytes);
        } catch (const SystemError&) {
            throw;
        } catch (const Error& error) {
            leave_out(line.number, error.what());
        }
    }

    bool take_record(const json::Reader& in, std::size_t line) {
        const std::size_t number = in.at("trial").as<std::size_t>();
        if (const auto first = lines_.find(number); first != lines_.end()) {
            leave_out(line,
                      text("trial ", number, " stands in line ", first->second, ", too: two searches worked here"));
            return false;
        }
        named_.insert(number);
        const Record record = record_from_json(in, log_.head.space);
        check_record(in, record, log_.head);
        if (log_.head.format > 1 && record.elapsed < log_.elapsed) {
            leave_out(line, "its time is before that of a line above it: two searches worked here");
            return false;
        }
        if (record.outcome.failure && is_fault_of_machine(*record.outcome.failure)) {
            leave_out(line, text("trial ", number, " failed by no fault of its network: ", *record.outcome.failure));
            return false;
        }
        log_.elapsed = record.elapsed;
        lines_[number] = line;
        if (!record.outcome.failure && !record.outcome.predicted) unmeasured_.insert(number);
        if (record.trial.parent) parents_.insert(*record.trial.parent);
        return true;
    }

    bool take_measurements(const json::Reader& in, const JournalText::Line& line) {
        const double elapsed = in.at("elapsed").ranged(0.0, most_seconds);
        if (elapsed < log_.elapsed) {
            leave_out(line.number, "its time is before that of a line above it: two searches worked here");
            return false;
        }
        std::set<std::size_t> measured;
        for (const json::Reader& one : in.at("measured").items()) {
            const std::size_t trial = measurement_from_json(one).trial;
            if (!unmeasured_.contains(trial) || !measured.insert(trial).second) {
                leave_out(line.number,
                          text("it has a measurement of trial ", trial,
                               ", which has no network above it, or was measured there; a search measures again"));
                return false;
            }
        }
        for (const std::size_t trial : measured) unmeasured_.erase(trial);
        log_.elapsed = elapsed;
        measured_lines_.push_back({line.number, line.bytes, log_.goal.trials.value_or(0)});
        return true;
    }

    void lose(const JournalText::Line& line) {
        const std::optional<std::size_t> number = readable_trial(line.bytes);
        if (const std::vector<std::string_view> objects = whole_objects(line.bytes); !objects.empty()) {
            std::size_t used = 0; // with the byte in place of each newline
            for (const std::string_view object : objects) used += object.size() + 1;
            if (used < line.bytes.size()) return leave_out(line.number, "only its first part is whole, and stays");
            mended_.push_back(text("line ", line.number, ": its newline was damaged; nothing of it is lost"));
            return;
        }
        if (number)
            named_.insert(*number);
        else
            nameless_ = std::min(nameless_, line.number);
        leave_out(line.number,
                  text("it does not fit its checksum", number ? text("; it seems to be of trial ", *number) : ""));
    }

    /// By trials, what is run or measured again must not see measurements that were made after it. A lost line that is
    /// of no trial may have held measurements.
    void leave_out_later_measurements() {
        for (const MeasuredLine& measured : measured_lines_) {
            const auto before = std::distance(lines_.begin(), lines_.lower_bound(measured.trials));
            const bool sees_all = measured.trials == 0 || measured.number < nameless_;
            if (std::size_t(before) == measured.trials && sees_all) continue;
            std::erase_if(kept_, [&](std::string_view kept) { return kept.data() == measured.bytes.data(); });
            leave_out(measured.number, "its measurements are made again, after what is lost above it");
        }
    }

    /// Finds lost trials: parents and readable numbers; by trials, all that are missing below the last.
    void find_lost() {
        lost_.insert(parents_.begin(), parents_.end());
        lost_.insert(named_.begin(), named_.end());
        const std::size_t end = lines_.empty() ? 0 : lines_.rbegin()->first;
        if (log_.goal.trials && !left_out_.empty())
            for (std::size_t number = 0; number < end; ++number) lost_.insert(number);
        // A damaged number may be far from any trial.
        std::erase_if(lost_, [&](std::size_t number) { return lines_.contains(number) || number > end; });
    }

    std::string path_;
    RunLog log_;
    std::vector<std::string_view> kept_;
    std::map<std::size_t, std::size_t> lines_; ///< Lines of the kept records, by trial.
    std::set<std::size_t> parents_, named_, lost_;
    std::vector<MeasuredLine> measured_lines_;                       ///< Kept lines with measurements.
    std::size_t nameless_ = std::numeric_limits<std::size_t>::max(); ///< First damaged line that names no trial.
    std::set<std::size_t> unmeasured_; ///< Trials whose networks may be measured in a later line.
    std::map<std::size_t, std::string> left_out_;
    std::vector<std::string> mended_;
};

/// A name beside the journal that no file has yet.
inline std::string name_for_old_file(const std::string& path) {
    for (int i = 1;; ++i) {
        const std::string name = text(path, ".damaged", i == 1 ? "" : text("-", i));
        if (!std::filesystem::exists(name)) return name;
    }
}

} // namespace detail

/// Repairs the journal in the folder. Throws Error if there is none, or if its head is lost.
inline Repair repair(const RunFolder& folder) {
    const std::string path = folder.journal().path(), bytes = read_file(path);
    const JournalText file = parse_journal(bytes);
    const detail::Sieve sieve(file, path);
    Repair out;
    out.lines = std::size_t(std::count(bytes.begin(), bytes.end(), '\n')) + !bytes.ends_with('\n');
    out.kept = sieve.kept().size();
    for (const auto& [line, sentence] : sieve.left_out()) out.left_out.push_back(sentence);
    out.changes = sieve.mended();
    if (!file.edited().empty()) out.changes.emplace_back(file.edited());
    if (file.end < bytes.size()) out.changes.emplace_back("the last line was never written to its end");
    if (!file.ended) out.changes.emplace_back("the last line had lost its newline");
    out.lost = sieve.lost();
    if (out.left_out.empty() && out.changes.empty()) return out;
    std::string repaired;
    for (const std::string_view line : sieve.kept()) repaired += text(line, '\n');
    // Even an empty list says that an end above it, if there is one, is not the end of all trials.
    const std::vector<std::size_t> lost(out.lost.begin(), out.lost.end());
    if (!out.left_out.empty()) repaired += detail::sealed_line(json::object({{"lost", json::Value(lost)}})) + '\n';
    out.old_file = detail::name_for_old_file(path);
    write_file(out.old_file, bytes);
    write_file(path, repaired);
    return out;
}

} // namespace tinysparse::search
