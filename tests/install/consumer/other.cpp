#include <tinysparse/tinysparse.hpp>

std::size_t weights_of(const char* line) { return tinysparse::net::weights(tinysparse::net::parse(line, {1, 28, 28})); }
