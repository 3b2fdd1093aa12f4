#include <tinysparse/data/images.hpp>

int main() { return tinysparse::data::image_support().decode == nullptr; }
