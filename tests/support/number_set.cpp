// SPDX-License-Identifier: Apache-2.0
#include "number_set.hpp"

#include <algorithm>

#include "tinysparse/base/random.hpp"
#include "tinysparse/data/targets.hpp"

using namespace tinysparse;

data::Dataset number_set(std::size_t samples) {
    data::Dataset set;
    set.name = "numbers";
    set.shape = {3, 1, 1};
    set.element = data::ElementType::int16;
    set.channels = {{"a"}, {"b"}, {"c"}};
    set.quantities = {{"difference"}, {"largest"}};
    Random random(11, "numbers");
    for (data::Split* part : {&set.train, &set.validation, &set.test}) {
        part->samples = part == &set.train ? samples / 2 : samples / 4;
        part->labels.assign(part->samples, 0);
        for (std::size_t i = 0; i < part->samples; ++i) {
            int readings[3];
            for (int& reading : readings) {
                reading = int(random.below(2001)) - 1000;
                part->values.push_back(std::int16_t(reading));
            }
            part->targets.push_back(5 + float(readings[0] - readings[1]) / 100);
            part->targets.push_back(float(std::max(readings[0], readings[2])));
        }
    }
    set.normalisation = data::normalisation_of(set.train, set.shape);
    data::scale_quantities(set);
    set.digest = data::digest_of(set);
    return set;
}
