#pragma once
#include "tinysparse/net/averaging.hpp"
namespace tinysparse::fixed { using net::Averaging; using net::averaging; }
