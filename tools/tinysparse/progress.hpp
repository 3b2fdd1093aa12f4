// SPDX-License-Identifier: Apache-2.0
// How a search gets on, on standard error: a live view on a terminal; elsewhere a line for each improvement of the
// front and one every ten seconds; with --verbose a line for each training; nothing with --quiet.
#pragma once
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common.hpp"
#include "front_history.hpp"
#include "live_view.hpp"
#include "terminal.hpp"
#include "tinysparse/report/front_table.hpp"
#include "tinysparse/search/evaluator.hpp"

namespace tinysparse::cli {

/// What is said while a search runs.
enum class Detail { quiet, improvements, everything };

/// What --quiet and --verbose ask for. Throws UsageError for both.
inline Detail detail_of(const Arguments& arguments) {
    if (arguments.has("quiet") && arguments.has("verbose")) throw UsageError("give --quiet or --verbose, not both");
    return arguments.has("quiet")     ? Detail::quiet
           : arguments.has("verbose") ? Detail::everything
                                      : Detail::improvements;
}

/// What is shown of a search with that head; nothing of how its front has grown.
inline Status status_of(const search::Progress& progress, const search::RunHead& head) {
    Status status;
    const search::Goal& goal = progress.goal;
    if (goal.budget_seconds) {
        status.share = progress.elapsed / *goal.budget_seconds;
        status.seconds_left = *goal.budget_seconds - progress.elapsed;
    } else {
        status.share = double(progress.finished) / double(std::max<std::size_t>(*goal.trials, 1));
        if (progress.finished > 0) status.seconds_left = progress.elapsed * (1 / std::max(status.share, 1e-9) - 1);
    }
    status.share = std::clamp(status.share, 0.0, 1.0);
    status.stage = progress.stage;
    status.testing = progress.testing;
    status.finished = progress.finished;
    status.failed = progress.failed;
    status.cost = head.objectives[1];
    for (const search::Record* record : progress.front) {
        status.one_fold = status.one_fold || record->judged_by_one_of(head.folds);
        status.front.emplace_back(1 - record->outcome.measures[search::Measure::error].value(),
                                  record->outcome.measures[status.cost].value());
    }
    status.kind = head.error;
    return status;
}

/// What a search with a budget of time says if other programs have used much of it: on `cores` it took `seconds`, of
/// which `processor` were its own. At the end of a search jobs wait for each other, so a tenth or two is always lost.
inline std::optional<std::string> crowded_note(const search::Goal& goal, int cores, double seconds, double processor) {
    constexpr double usual_share = 0.6, least_seconds = 10;
    const double share = processor / (seconds * cores);
    if (!goal.budget_seconds || seconds < least_seconds || share >= usual_share) return std::nullopt;
    return text("note: the search got ", fixed_decimals(100 * share, 0), " % of the time of ", cores,
                cores == 1 ? " core" : " cores", "; other programs used the rest, so it trained fewer networks");
}

/// The status that number of seconds later: between two trials the clock goes on.
inline Status later(Status status, double seconds) {
    if (status.seconds_since_gain) *status.seconds_since_gain += seconds;
    if (!status.seconds_left) return status;
    const double whole = status.share < 1 ? *status.seconds_left / (1 - status.share) : 0;
    status.seconds_left = std::max(0.0, *status.seconds_left - seconds);
    if (whole > 0) status.share = std::clamp(1 - *status.seconds_left / whole, 0.0, 1.0);
    return status;
}

/// One line for a finished trial of a run with that number of folds.
inline std::string trial_line(const search::Record& record, const search::Objectives& objectives, bool on_front,
                              judge::ErrorKind kind = judge::ErrorKind::plain, std::size_t folds = 0) {
    const search::Trial& trial = record.trial;
    std::string line = text("trial ", trial.number, "  stage ", trial.stage, "  ", trial.epochs,
                            trial.epochs == 1 ? " epoch  " : " epochs  ");
    if (record.outcome.failure) return line + "failed: " + *record.outcome.failure;
    line += report::score_text(kind, 1 - *record.outcome.measures[search::Measure::error]);
    if (record.judged_by_one_of(folds)) line += " (one fold)";
    for (std::size_t i = 1; i < objectives.size(); ++i)
        line += text("  ", search::name_of(objectives[i]), ' ',
                     report::cost_cell(objectives[i], record.outcome.measures[objectives[i]]));
    return line + text("  ", fixed_decimals(record.outcome.seconds, 1), " s", record.feasible ? "" : "  breaks a limit",
                       on_front ? "  front" : "");
}

/// The lines that a step of the search is worth: its trial if that improves the front or if everything is told, and the
/// beginning of the test.
inline std::vector<std::string> lines_of(const search::Progress& progress, const search::RunHead& head, Detail detail) {
    std::vector<std::string> lines;
    if (detail == Detail::quiet) return lines;
    if (progress.testing && !progress.front.empty())
        lines.push_back(text("testing ", progress.front.size(), progress.front.size() == 1 ? " model" : " models",
                             " of the front"));
    if (!progress.latest) return lines;
    const bool on_front =
        std::find(progress.front.begin(), progress.front.end(), progress.latest) != progress.front.end();
    if (on_front || detail == Detail::everything)
        lines.push_back(trial_line(*progress.latest, head.objectives, on_front, head.error, head.folds));
    return lines;
}

/// Shows a search as long as it lives. The view on a terminal is drawn ten times a second.
class ProgressDisplay {
  public:
    ProgressDisplay(const search::RunHead& head, Detail detail)
        : head_(head), detail_(detail), live_(detail != Detail::quiet && redraws(STDERR_FILENO)), history_(head),
          pulse_(10, seconds()) {
        if (detail_ != Detail::quiet) try {
                drawer_ = std::thread([this] {
                    try {
                        draw_on();
                    } catch (const std::bad_alloc&) { // the view stands still
                    }
                });
            } catch (const std::system_error&) {
                live_ = false; // no further thread: lines in place of the view
            }
    }
    ProgressDisplay(const ProgressDisplay&) = delete;
    ProgressDisplay& operator=(const ProgressDisplay&) = delete;
    ~ProgressDisplay() { finish(); }

    void update(const search::Progress& progress) {
        if (detail_ == Detail::quiet) return;
        const std::scoped_lock lock(mutex_);
        history_.add(progress.elapsed, progress.front);
        status_ = status_of(progress, head_);
        status_.growth = history_.growth(progress.elapsed, cells_of_curve);
        if (const auto last = history_.last()) status_.seconds_since_gain = progress.elapsed - *last;
        updated_ = seconds();
        if (live_ && detail_ != Detail::everything) return;
        for (const std::string& line : lines_of(progress, head_, detail_)) say_line(line);
        say_status();
    }

    /// Says a sentence, above the view if there is one.
    void say_above(const std::string& sentence) {
        if (detail_ == Detail::quiet) return;
        const std::scoped_lock lock(mutex_);
        say_line(sentence);
    }

    /// Takes the view away.
    void finish() {
        {
            const std::scoped_lock lock(mutex_);
            if (over_) return;
            over_ = true;
        }
        wake_.notify_all();
        if (drawer_.joinable()) drawer_.join();
        clear();
    }

  private:
    static constexpr std::size_t cells_of_curve = 16;

    static double seconds() {
        return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
    }
    static void write(const std::string& text) {
        std::fwrite(text.data(), 1, text.size(), stderr);
        std::fflush(stderr);
    }
    /// What brings the cursor from the end of the view to its beginning, on a screen of that width.
    std::string home(std::size_t columns) const {
        const std::size_t rows = rows_of(drawn_, columns);
        return text("\r", rows > 1 ? text("\x1b[", rows - 1, "A") : "");
    }
    void clear() {
        if (!drawn_.empty()) write(home(screen_size(STDERR_FILENO).columns) + "\x1b[J");
        drawn_.clear();
    }
    void say_line(const std::string& sentence) {
        clear();
        say(sentence);
    }
    /// A line of the status, if ten seconds have passed since the last one.
    void say_status() {
        if (!live_ && !over_ && pulse_(seconds())) say(status_line(later(status_, seconds() - updated_)));
    }
    /// The view in place of the one before.
    void draw() {
        const ScreenSize size = screen_size(STDERR_FILENO);
        std::vector<std::string> lines =
            live_view(later(status_, seconds() - updated_), (size.columns > 1 ? size.columns : 80) - 1, utf8_);
        if (size.lines > 0 && lines.size() >= size.lines) lines.resize(1); // no room above
        std::string out = home(size.columns);
        drawn_.clear();
        for (std::size_t i = 0; i < lines.size(); ++i) {
            drawn_.push_back(report::characters(lines[i]));
            const std::size_t end = lines[i].find(']');
            if (i == 0 && colours_ && end != std::string::npos)
                lines[i] = text("\x1b[32m", lines[i].substr(0, end + 1), "\x1b[0m", lines[i].substr(end + 1));
            out += text(i ? "\n" : "", lines[i], "\x1b[K");
        }
        write(out + "\x1b[J");
    }
    void draw_on() {
        std::unique_lock lock(mutex_);
        while (!over_) {
            if (live_)
                draw();
            else
                say_status();
            wake_.wait_for(lock, std::chrono::milliseconds(100));
        }
    }

    const search::RunHead head_;
    const Detail detail_;
    bool live_, over_ = false;
    const bool colours_ = wants_colours(), utf8_ = shows_utf8();
    FrontHistory history_;
    Pulse pulse_;
    std::mutex mutex_;
    std::condition_variable wake_;
    Status status_;
    double updated_ = seconds();
    std::vector<std::size_t> drawn_; ///< Characters of each line of the view on the screen.
    std::thread drawer_;
};

} // namespace tinysparse::cli
