// Two translation units include the whole library: everything in it must be inline.
#include <cstdio>
#include <tinysparse/tinysparse.hpp>

std::size_t weights_of(const char* line);

int main() {
    std::printf("%s %zu\n", TINYSPARSE_VERSION_STRING, weights_of("C4k3 A2 F10"));
    return 0;
}
