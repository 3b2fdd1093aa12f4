#include <tinysparse/mcu.hpp>

int main() { return 0; }
