// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/tensor/window.hpp"
#include <doctest/doctest.h>
#include <vector>

using namespace tinysparse;
using namespace tinysparse::tensor;

TEST_CASE("a halo is as wide as the window reaches beyond the picture, and no wider") {
    const auto halo = [](const WindowMap& map) { return std::pair{halo_for(map).height, halo_for(map).width}; };
    CHECK(halo({{3, 3, 1, 1, 1}, {1, 6, 8}, {1, 6, 8}}) == std::pair{1, 1});
    CHECK(halo({{3, 3, 1, 0, 0}, {1, 6, 8}, {1, 4, 6}}) == std::pair{0, 0});
    CHECK(halo({{5, 1, 1, 2, 0}, {1, 6, 8}, {1, 6, 8}}) == std::pair{2, 0});
    CHECK(halo({{5, 5, 2, 2, 2}, {1, 6, 7}, {1, 3, 4}}) == std::pair{2, 2}); // rows -2..6, columns -2..8
    CHECK(halo({{3, 3, 2, 0, 0}, {1, 6, 8}, {1, 3, 4}}) == std::pair{1, 1}); // rows 0..6, columns 0..8
}

TEST_CASE("the map of the input gradient leads from the outputs, spread out by the stride, back to the inputs") {
    const WindowMap map{{3, 5, 2, 1, 0}, {3, 9, 11}, {7, 5, 4}}, back = turned(map);
    CHECK(back.in == net::Shape{7, 9, 7});
    CHECK(back.out == map.in);
    CHECK(back.window.kernel_height == 3);
    CHECK(back.window.kernel_width == 5);
    CHECK(back.window.stride == 1);
    CHECK(back.window.pad_top == 1);
    CHECK(back.window.pad_left == 4);
}

TEST_CASE("rows of a window inside the picture are those that a search finds") {
    for (const int kernel : {1, 3, 5, 7})
        for (const int stride : {1, 2})
            for (const int height : {1, 2, 5, 9}) {
                const Window window{kernel, kernel, stride, (kernel - 1) / 2, (kernel - 1) / 2};
                for (int row = 0; row < net::windows(height, kernel, stride, net::Padding::same); ++row) {
                    std::vector<int> inside;
                    for (int k = 0; k < kernel; ++k)
                        if (const int y = row * stride + k - window.pad_top; y >= 0 && y < height) inside.push_back(k);
                    REQUIRE(!inside.empty());
                    CHECK(tensor::detail::rows_inside(window, height, row) ==
                          tensor::detail::Range{inside.front(), inside.back() + 1});
                }
            }
}

TEST_CASE("blocks are the fewest of at most a size, as equal as can be, side by side") {
    const auto sizes = [](int length, int most) {
        std::vector<int> all;
        int end = 0;
        tensor::detail::for_blocks(length, most, [&](int begin, int size) {
            CHECK(begin == end);
            end = begin + size;
            all.push_back(size);
        });
        return all;
    };
    CHECK(sizes(16, 6) == std::vector{6, 5, 5});
    CHECK(sizes(12, 6) == std::vector{6, 6});
    CHECK(sizes(7, 6) == std::vector{4, 3});
    CHECK(sizes(1, 6) == std::vector{1});
    CHECK(sizes(3, 1) == std::vector{1, 1, 1});
}
