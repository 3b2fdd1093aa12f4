// SPDX-License-Identifier: Apache-2.0
// How a search gets on, on standard error: a live bar with the time left and the best of the front on a terminal, a
// line for each finished trial elsewhere, nothing with --quiet.
#pragma once
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <sys/ioctl.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "common.hpp"
#include "tinysparse/report/front.hpp"
#include "tinysparse/search/search.hpp"

namespace tinysparse::cli {

/// What a bar shows.
struct Status {
    double share = 0;                   ///< Of the goal, 0..1.
    std::optional<double> seconds_left; ///< Where it can be told.
    int stage = 1;
    bool testing = false;
    std::size_t finished = 0, failed = 0;
    std::vector<std::pair<double, double>> front; ///< Score (1 - error) and first cost, the best score first.
    std::string cost_name;
    judge::ErrorKind kind = judge::ErrorKind::plain; ///< What the scores are of.
};

inline Status status_of(const search::Progress& progress, const search::Objectives& objectives,
                        judge::ErrorKind kind = judge::ErrorKind::plain) {
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
    for (const search::Record* record : progress.front)
        status.front.emplace_back(1 - *record->outcome.measures[search::Measure::error],
                                  *record->outcome.measures[objectives[1]]);
    std::sort(status.front.begin(), status.front.end(), std::greater<>());
    status.cost_name = search::name_of(objectives[1]);
    status.kind = kind;
    return status;
}

/// One line of at most `width` characters (as far as they are ASCII, which all of them are).
inline std::string bar_line(const Status& status, std::size_t width) {
    constexpr std::size_t cells = 20;
    const auto full = std::size_t(status.share * double(cells));
    std::string line = text('[', std::string(full, '#'), std::string(cells - full, '.'), "] ",
                            fixed_decimals(100 * status.share, 0), " %  ");
    if (status.testing)
        line += "testing the front  ";
    else
        line += text(status.seconds_left ? report::duration(*status.seconds_left) + " left  " : "", "stage ",
                     status.stage, "/3  ");
    line += text(status.finished, status.finished == 1 ? " trial" : " trials");
    if (status.failed) line += text(", ", status.failed, " failed");
    // The best of the front, then as many smaller ones as fit.
    for (std::size_t i = 0; i < status.front.size(); ++i) {
        const bool numbers = status.kind == judge::ErrorKind::rmse;
        const double score = status.front[i].first;
        const std::string more = numbers ? report::number_cell(1 - score) : report::percent_cell(score) + " %";
        const std::string point =
            text(i ? ", " : "  best ", i ? more : report::score_text(status.kind, score), " at ",
                 report::grouped(std::uint64_t(status.front[i].second)), i ? "" : " " + status.cost_name);
        if (i && line.size() + point.size() > width) break;
        line += point;
    }
    return line.substr(0, width);
}

/// One line for a finished trial.
inline std::string trial_line(const search::Record& record, const search::Objectives& objectives, bool on_front,
                              judge::ErrorKind kind = judge::ErrorKind::plain) {
    const search::Trial& trial = record.trial;
    std::string line = text("trial ", trial.number, "  stage ", trial.stage, "  ", trial.epochs, " epochs  ");
    if (record.outcome.failure) return line + "failed: " + *record.outcome.failure;
    line += report::score_text(kind, 1 - *record.outcome.measures[search::Measure::error]);
    for (std::size_t i = 1; i < objectives.size(); ++i)
        line +=
            text("  ", search::name_of(objectives[i]), ' ', report::count_cell(record.outcome.measures[objectives[i]]));
    return line + text("  ", fixed_decimals(record.outcome.seconds, 1), " s", record.feasible ? "" : "  breaks a limit",
                       on_front ? "  front" : "");
}

/// Shows a search while it lives. On a terminal the bar is drawn ten times a second.
class ProgressDisplay {
  public:
    ProgressDisplay(const search::RunHead& head, bool quiet)
        : objectives_(head.objectives), kind_(head.error), quiet_(quiet), live_(!quiet && isatty(STDERR_FILENO)) {
        if (live_) try {
                drawer_ = std::thread([this] {
                    try {
                        draw_on();
                    } catch (const std::bad_alloc&) { // the bar stands still
                    }
                });
            } catch (const std::system_error&) {
                live_ = false; // no further thread: lines in place of the bar
            }
    }
    ProgressDisplay(const ProgressDisplay&) = delete;
    ProgressDisplay& operator=(const ProgressDisplay&) = delete;
    ~ProgressDisplay() { finish(); }

    void update(const search::Progress& progress) {
        if (quiet_) return;
        const std::scoped_lock lock(mutex_);
        status_ = status_of(progress, objectives_, kind_);
        updated_ = std::chrono::steady_clock::now();
        if (live_) return;
        if (progress.testing && !progress.front.empty())
            say(text("testing ", progress.front.size(), " models of the front"));
        if (!progress.latest) return;
        const bool on_front =
            std::find(progress.front.begin(), progress.front.end(), progress.latest) != progress.front.end();
        say(trial_line(*progress.latest, objectives_, on_front, kind_));
    }

    /// Says a sentence, above the bar if there is one.
    void say_above(const std::string& sentence) {
        if (quiet_) return;
        const std::scoped_lock lock(mutex_);
        if (live_) write("\r\x1b[K");
        say(sentence);
    }

    /// Takes the bar away.
    void finish() {
        {
            const std::scoped_lock lock(mutex_);
            if (!live_) return;
            live_ = false;
        }
        wake_.notify_all();
        drawer_.join();
        write("\r\x1b[K");
    }

  private:
    static void write(const std::string& text) {
        std::fwrite(text.data(), 1, text.size(), stderr);
        std::fflush(stderr);
    }
    static std::size_t terminal_width() {
        winsize size{};
        return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
    }
    void draw_on() {
        const char* no_color = std::getenv("NO_COLOR"); // set and not empty: no colours (no-color.org)
        const bool color = !no_color || !*no_color;
        std::unique_lock lock(mutex_);
        while (live_) {
            Status now = status_;
            // Between two trials the clock goes on.
            const double since = std::chrono::duration<double>(std::chrono::steady_clock::now() - updated_).count();
            if (now.seconds_left) {
                const double whole = now.share < 1 ? *now.seconds_left / (1 - now.share) : 0;
                now.seconds_left = std::max(0.0, *now.seconds_left - since);
                if (whole > 0) now.share = std::clamp(1 - *now.seconds_left / whole, 0.0, 1.0);
            }
            std::string line = bar_line(now, terminal_width() - 1);
            if (const std::size_t end = line.find(']'); color && end != line.npos)
                line = text("\x1b[32m", line.substr(0, end + 1), "\x1b[0m", line.substr(end + 1));
            write("\r" + line + "\x1b[K");
            wake_.wait_for(lock, std::chrono::milliseconds(100));
        }
    }

    search::Objectives objectives_;
    judge::ErrorKind kind_;
    bool quiet_, live_;
    std::mutex mutex_;
    std::condition_variable wake_;
    Status status_;
    std::chrono::steady_clock::time_point updated_ = std::chrono::steady_clock::now();
    std::thread drawer_;
};

} // namespace tinysparse::cli
