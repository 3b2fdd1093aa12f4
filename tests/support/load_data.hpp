// SPDX-License-Identifier: Apache-2.0
// data::load() for tests that need a data set but do not test how one is read: all readers are compiled once.
#pragma once
#include <cstddef>
#include <string>

#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/image_support.hpp"

/// Throws what data::load() throws.
tinysparse::data::Dataset load_data(const std::string& spec, const tinysparse::data::ImageSupport& images = {});

/// The synthetic strokes of seed 4 with this number of samples, made once.
const tinysparse::data::Dataset& strokes(std::size_t samples);
