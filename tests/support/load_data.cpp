// SPDX-License-Identifier: Apache-2.0
#include "load_data.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/data/load.hpp"
#include <map>

using namespace tinysparse;

data::Dataset load_data(const std::string& spec, const data::ImageSupport& images) { return data::load(spec, images); }

const data::Dataset& strokes(std::size_t samples) {
    static std::map<std::size_t, data::Dataset> sets;
    const auto [place, fresh] = sets.try_emplace(samples);
    if (fresh) place->second = load_data(text("synthetic:strokes,samples=", samples, ",seed=4"));
    return place->second;
}
