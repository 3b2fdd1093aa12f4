// SPDX-License-Identifier: Apache-2.0
#include "load_data.hpp"
#include "tinysparse/data/load.hpp"

using namespace tinysparse;

data::Dataset load_data(const std::string& spec, const data::ImageSupport& images) { return data::load(spec, images); }
