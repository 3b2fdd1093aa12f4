// SPDX-License-Identifier: Apache-2.0
// Lesson 13: the whole way as a program of your own. Search a small space by a number of trials, print the front, take
// its most accurate network, and write it as a folder that compiles for an Arduino Uno. A trial is one training of one
// network; of all trials the search keeps the Pareto front: networks for which no other one is as good in error, flash
// and RAM, and better in one of them. Counted in trials, a search gives the same result every time on the same machine
// and build; in seconds it would not.
// Writes the folders 13_run and 13_export, and 13_search.svg or the file named as argument.
// Headers: search/search.hpp, search/head.hpp, report/front.hpp, deploy/export.hpp. See docs/search.md, and
// docs/paper.md for the method, SpArSe (Fedorov et al. 2019); equations: docs/equations.md, "Search".
#include "tinysparse/data/split.hpp"
#include "tinysparse/data/strokes.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/fixed/evaluate.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include "tinysparse/report/front.hpp"
#include "tinysparse/report/svg.hpp"
#include "tinysparse/search/evaluate.hpp"
#include "tinysparse/search/search.hpp"
#include <cstdio>
#include <filesystem>
#include <fstream>

using namespace tinysparse;

int main(int count, char** words) {
    data::Dataset glyphs = data::synthetic_strokes(2000, 1);
    glyphs.name = "synthetic:strokes,samples=2000,seed=1"; // the text by which the command line tool would load it
    glyphs.test = data::split_off(glyphs.train, 28 * 28, glyphs.classes(), 0.2, "test part");
    glyphs.validation = data::split_off(glyphs.train, 28 * 28, glyphs.classes(), 0.1, "validation part");
    glyphs.digest = data::digest_of(glyphs); // by which a run recognises its data

    std::filesystem::remove_all("13_run");
    const search::RunFolder folder("13_run"); // the journal and a model for each trial lie here
    search::RunLog log;
    log.head.data = glyphs.name;
    log.head.target = "uno";
    log.head.objectives = {search::Measure::error, search::Measure::flash, search::Measure::ram};
    log.head.limits[search::Measure::flash] = 6144; // bytes of the whole program; the board itself has 32256
    log.head.space = space::narrowed(
        {}, "front.downsampling = 2\nunit.kind = separable\nbits = 4\npruning.method = none\n", "this lesson");
    log.goal.trials = 12;
    search::describe(log.head, log.goal, glyphs);

    const cost::Target& uno = cost::target("uno");
    const search::Evaluator evaluator = search::make_evaluator(glyphs, log.head, uno, "lesson");
    const search::SearchResult result = search::search(folder, std::move(log), evaluator);

    // Each point of the front is a record: the trial, and what was measured of its network.
    std::vector<report::FrontPoint> front = report::front_points(result.log);
    const auto better = [](const auto& a, const auto& b) { return a.validation_accuracy() > b.validation_accuracy(); };
    std::stable_sort(front.begin(), front.end(), better);
    std::printf("%zu trainings; the front, most accurate first:\n", result.log.records.size());
    report::Series all{"all trials", "c6"}, best{"front", "c0"};
    const auto kilobytes = [](const search::Record& record) {
        return *record.outcome.measures[search::Measure::flash] / 1024;
    };
    for (const search::Record& record : result.log.records)
        if (!record.outcome.failure)
            all.points.push_back({kilobytes(record), 100 * *record.outcome.measures[search::Measure::error]});
    for (const report::FrontPoint& point : front) {
        const search::Record& record = *point.record;
        std::printf("network %zu: %.1f %% of the validation part wrong, %.0f B of flash, %.0f B of RAM\n",
                    record.trial.number, 100 * *record.outcome.measures[search::Measure::error],
                    *record.outcome.measures[search::Measure::flash], *record.outcome.measures[search::Measure::ram]);
        best.points.push_back({kilobytes(record), 100 * *record.outcome.measures[search::Measure::error]});
    }
    const std::string drawing = count > 1 ? words[1] : "13_search.svg";
    std::ofstream(drawing) << report::picture(report::plot("trials of a search", {"flash on an Arduino Uno (KB)"},
                                                           {"error, validation part (%)"}, {all, best}));
    std::printf("plot: %s\n", drawing.c_str());

    // The test part is looked at once, for the network that was chosen by the validation part.
    const search::Record& chosen = *front.front().record;
    const fixed::Model model = fixed::load_model(search::model_path("13_run", chosen.trial.number));
    std::printf("chosen: network %zu, %zu layers\n", chosen.trial.number, model.network.spec.layers.size());
    std::printf("%.1f %% of the test part right, as the chip computes\n",
                100 * fixed::accuracy(model.network, glyphs.test));

    // The kernels go along, so that the folder stands alone.
    std::filesystem::remove_all("13_export");
    deploy::write_export(model, uno, "13_export", {.name = "glyphs"});
    for (const char* file : {"glyphs.h", "main.cpp", "Makefile", "tinysparse/mcu.hpp"})
        std::printf("13_export/%s: %s\n", file,
                    std::filesystem::exists(text("13_export/", file)) ? "written" : "missing");
    // The header opens with what it costs and how to use it; `make` in the folder builds a program for the chip.
    std::ifstream header("13_export/glyphs.h");
    std::string line;
    std::getline(header, line);
    std::printf("glyphs.h begins: %s\n", line.substr(0, line.find(',')).c_str());
}
