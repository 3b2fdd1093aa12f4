// SPDX-License-Identifier: Apache-2.0
// Lesson: the whole way as a program of one's own. Search a small space by a number of trials, take the front's most
// accurate network, and write it as a folder that compiles for an Arduino Uno. Seconds on one core, no download;
// search_and_export.expected holds the output and a test compares it.
#include <cstdio>
#include <filesystem>

#include "tinysparse/data/load.hpp"
#include "tinysparse/deploy/export.hpp"
#include "tinysparse/fixed/evaluate.hpp"
#include "tinysparse/fixed/model_file.hpp"
#include "tinysparse/report/front.hpp"
#include "tinysparse/search/evaluate.hpp"
#include "tinysparse/search/search.hpp"

using namespace tinysparse;

int main() {
    const data::Dataset strokes = data::load("synthetic:strokes,samples=2000,seed=1,size=14x14");
    std::filesystem::remove_all("lesson_run");
    const search::RunFolder folder("lesson_run"); // the journal and a model for each trial lie here

    search::RunLog log;
    log.head.data = strokes.name;
    log.head.target = "uno";
    log.head.objectives = {search::Measure::error, search::Measure::flash, search::Measure::ram};
    log.head.limits[search::Measure::flash] = 6144; // bytes of the whole program; the board itself has 32256
    log.head.space = space::narrowed({}, "unit.kind = separable\nbits = 4\npruning.method = none\n", "this lesson");
    log.goal.trials = 12;
    search::describe(log.head, log.goal, strokes);

    const cost::Target& uno = cost::target("uno");
    const search::Evaluator evaluator = search::make_evaluator(strokes, log.head, uno, "lesson");
    const search::SearchResult result = search::search(folder, std::move(log), evaluator);
    std::printf("%zu networks were trained\n", result.log.records.size());

    const std::vector<report::FrontPoint> front = report::front_points(result.log);
    const auto better = [](const auto& a, const auto& b) { return a.validation_accuracy() < b.validation_accuracy(); };
    const search::Record& best = *std::max_element(front.begin(), front.end(), better)->record;
    const fixed::Model model = fixed::load_model(search::model_path("lesson_run", best.trial.number));
    std::printf("the best of the front takes at most 6144 B of flash: %s\n",
                *best.outcome.measures[search::Measure::flash] <= 6144 ? "yes" : "no");
    std::printf("it beats chance: %s\n", fixed::accuracy(model.network, strokes.test) > 0.2 ? "yes" : "no");

    // The kernels go along, so that the folder stands alone.
    deploy::write_export(model, uno, "lesson_export", {.name = "glyphs"});
    for (const char* file : {"glyphs.h", "main.cpp", "Makefile", "tinysparse/mcu.hpp"})
        std::printf("lesson_export/%s: %s\n", file,
                    std::filesystem::exists(text("lesson_export/", file)) ? "written" : "missing");
}
