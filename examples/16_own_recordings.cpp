// SPDX-License-Identifier: Apache-2.0
// Lesson 16: recordings of your own sensors. A recording is a CSV file in which a row is a moment. Samples are windows
// of rows: window=32 takes 32 of them, stride=16 begins one every 16 rows, so that neighbours overlap. Windows of one
// person resemble each other. If some are trained on and others tested, the result says little about other people; so
// group=person keeps all windows of a person in one part.
// The lesson writes recordings of an accelerometer worn by eight people who rest, walk and run, reads them as
// `tinysparse train --data FOLDER,window=32,...` would, and trains a network for series on them.
// Headers: data/load.hpp, data/recordings.hpp, data/parts.hpp. All about tables, recordings and groups: docs/data.md.
#include "tinysparse/base/files.hpp"
#include "tinysparse/data/load.hpp"
#include "tinysparse/nn/trainer.hpp"
#include <cstdio>
#include <filesystem>
#include <set>

using namespace tinysparse;

namespace {
/// A recording of 160 moments of each activity, 20 a second, in metres per second squared.
std::string recording(int person) {
    Random random(1, "person", std::uint64_t(person));
    const double pace = random.uniform(0.8, 1.25), tilt = random.uniform(-0.3, 0.3); // no two walk alike
    std::string csv = "time,ax,ay,az,activity,person\n";
    double seconds = 0;
    for (const char* activity : {"rest", "walk", "run"}) {
        const double size = activity[0] == 'w' ? 2 : activity[1] == 'u' ? 6 : 0; // of the movement
        const double steps = activity[0] == 'w' ? 1.8 : 2.8;                     // per second
        for (int t = 0; t < 160; ++t, seconds += 0.05) {
            const double turn = 6.283 * steps * pace * seconds;
            const double noise = 0.4, along = size * std::sin(turn), up = 0.6 * size * std::sin(2 * turn + 1);
            csv +=
                text(fixed_decimals(seconds, 2), ",", fixed_decimals(along + 9.81 * tilt + noise * random.normal(), 3),
                     ",", fixed_decimals(0.3 * along + noise * random.normal(), 3), ",",
                     fixed_decimals(9.81 + up + noise * random.normal(), 3), ",", activity, ",", person, "\n");
        }
    }
    return csv;
}
} // namespace

int main() {
    const ScratchFolder folder; // removed at the end with all that is in it
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    make_folder("moves");
    for (int person = 1; person <= 8; ++person) write_file(text("moves/", person, ".csv"), recording(person));

    const data::Dataset set = data::load("moves,window=32,stride=16,group=person");
    std::printf("series of %d channels and %d moments, %.0f a second\n", set.shape.channels, set.shape.height,
                set.sampling_rate.value_or(0));
    for (std::size_t c = 0; c < set.channels.size(); ++c)
        std::printf("channel %s: %.0f raw steps per m/s2, offset %d, shift %d\n", set.channels[c].name.c_str(),
                    double(set.channels[c].scale), int(set.normalisation.offset[c]), int(set.normalisation.shift[c]));
    const char* const parts[] = {"training", "validation", "test"};
    for (const data::Part part : {data::Part::train, data::Part::validation, data::Part::test}) {
        const data::Split& own = set.part(part);
        std::printf("%-10s %3zu windows of people", parts[std::size_t(part)], own.samples);
        for (const std::uint32_t group : std::set(own.groups.begin(), own.groups.end()))
            std::printf(" %s", set.group_names[group].c_str());
        std::printf("\n");
    }
    for (const std::string& warning : set.warnings) std::printf("warning: %s\n", warning.c_str());
    for (const std::string& note : set.notes) std::printf("note: %s\n", note.c_str());

    // C8k5: 8 filters over 5 moments of all channels; M2: the larger of two moments; DGL: a weighted mean over time.
    const net::Spec spec = net::parse("C8k5 M2 C8k5 M2 DGL F3", {set.shape.channels, set.shape.height, 1});
    nn::TrainerOptions options;
    options.steps = 300;
    options.batch = 32;
    options.augmentation.shift = 2; // windows may begin a little earlier or later
    Team team(1);
    nn::Trainer trainer(set, spec, options, team);
    nn::Network network(spec, trainer.recording());
    network.initialise(1);
    trainer.run(network, *nn::make_optimiser(network, options));
    std::printf("%zu weights: %.1f %% of the training windows right, %.1f %% of those of unseen people\n",
                net::weights(spec), 100 * trainer.accuracy(network, set.train),
                100 * trainer.accuracy(network, set.test));

    std::filesystem::current_path(before);
}
