// SPDX-License-Identifier: Apache-2.0
// data::load() for tests that need a data set but do not test how one is read: all readers are compiled once.
#pragma once
#include <string>

#include "tinysparse/data/dataset.hpp"
#include "tinysparse/data/image_support.hpp"

/// Throws what data::load() throws.
tinysparse::data::Dataset load_data(const std::string& spec, const tinysparse::data::ImageSupport& images = {});
