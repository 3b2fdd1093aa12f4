// SPDX-License-Identifier: Apache-2.0
// Lesson 3: arrays of your own become a data set. A program has 900 windows of a vibration sensor in memory: 64
// readings each, in metres per second squared, from a motor that is off, turns evenly, or knocks. The lesson shows what
// a data set keeps of them, and trains a network for series on it. A chip computes with whole numbers, so each reading
// becomes a whole number of 8 bits in two steps (docs/data.md, "Units"):
//   raw = round((reading - origin) scale)          x = round((raw - offset) / 2^shift), limited to -128..127
// Headers: data/from_arrays.hpp; the two steps: mcu/reading.hpp, mcu/input.hpp.
#include "tinysparse/data/from_arrays.hpp"
#include "tinysparse/mcu/input.hpp"
#include "tinysparse/mcu/reading.hpp"
#include "tinysparse/nn/trainer.hpp"
#include <cstdio>
#include <set>

using namespace tinysparse;

int main() {
    // 1: the arrays. Yours come from a file, a camera, a database; these are made here.
    const std::size_t windows = 900, moments = 64;
    std::vector<float> readings; // [windows][moments]
    std::vector<int> labels;     // 0, 1 or 2 for each window
    std::vector<std::uint32_t> motors;
    Random random(1, "lesson");
    for (std::size_t i = 0; i < windows; ++i) {
        const int label = int(i % 3);
        const double phase = random.uniform(0, 6.28), speed = random.uniform(0.3, 0.6), size = random.uniform(0.5, 2);
        const std::uint32_t knock = random.below(24); // when the first knock comes; one more every 24 moments
        for (std::size_t t = 0; t < moments; ++t) {
            double value = 9.81 + 0.3 * random.normal(); // gravity and noise
            if (label > 0) value += size * std::sin(speed * double(t) + phase);
            if (label == 2 && (t + 24 - knock) % 24 < 2) value += 2;
            readings.push_back(float(value));
        }
        labels.push_back(label);
        motors.push_back(std::uint32_t(i / 30)); // 30 motors, 30 windows of each
    }

    // 2: the data set. Windows of one motor resemble each other: as a group they stay in one part, so that the test
    // part says how well the network does on motors that it has never seen.
    const data::Dataset set = data::from_arrays({
        .shape = {1, int(moments), 1}, // channels, height, width; a series has width 1, and time is its height
        .elements = readings,
        .labels = labels,
        .class_names = {"off", "even", "knocks"},
        .channel_names = {"acceleration"},
        .groups = motors,
    });
    for (const data::Part part : {data::Part::train, data::Part::validation, data::Part::test}) {
        const data::Split& own = set.part(part);
        std::printf("%-10s %3zu windows of %zu motors\n",
                    part == data::Part::train        ? "training"
                    : part == data::Part::validation ? "validation"
                                                     : "test",
                    own.samples, std::set(own.groups.begin(), own.groups.end()).size());
    }

    // 3: what a reading becomes. The constants go into the exported header, so that the chip does the same.
    const auto [offset, shift] = std::pair(set.normalisation.offset[0], set.normalisation.shift[0]);
    const Channel& channel = set.channels[0];
    std::printf("%s: origin %g, scale %g, offset %d, shift %d\n", channel.name.c_str(), channel.origin, channel.scale,
                int(offset), int(shift));
    for (const double reading : {7.81, 9.81, 11.81}) {
        const std::int16_t raw = mcu::raw_value(float(reading), channel.origin, channel.scale);
        std::printf("a reading of %.2f m/s2 is raw %d, and %d for the network\n", reading, int(raw),
                    int(mcu::shifted_value(raw, offset, shift)));
    }

    // 4: a network for series. C8k5: 8 filters over 5 moments; M4: the largest of 4 moments; F3: a score for each
    // class.
    const net::Spec spec = net::parse("C8k5 M4 C8k5 M4 F3", {1, int(moments), 1});
    nn::TrainerOptions options;
    options.epochs = 40;
    Team team(1);
    nn::Trainer trainer(set, spec, options, team);
    nn::Network network(spec, trainer.recording());
    network.initialise(1);
    trainer.run(network, *nn::make_optimiser(network, options));
    const std::vector<std::uint8_t> answers = trainer.answers(network, set.test);
    std::printf("\n%zu weights; windows of the test part (rows: class, columns: answer):\n%-8s", net::weights(spec),
                "");
    for (const std::string& name : set.class_names) std::printf("%8s", name.c_str());
    for (std::size_t label = 0; label < set.classes(); ++label) {
        std::printf("\n%-8s", set.class_names[label].c_str());
        for (std::size_t answer = 0; answer < set.classes(); ++answer) {
            std::size_t count = 0;
            for (std::size_t i = 0; i < answers.size(); ++i)
                count += set.test.labels[i] == label && answers[i] == answer;
            std::printf("%8zu", count);
        }
    }
    std::printf("\n%.1f %% right\n", 100 * trainer.accuracy(network, set.test));
}
