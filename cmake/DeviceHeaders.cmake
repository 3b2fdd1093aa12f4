# Writes the texts of the device's headers into a source file, so that the tool carries what exported folders need.
#   cmake -D INCLUDE=the include folder -D OUTPUT=file.cpp -P DeviceHeaders.cmake
file(GLOB headers RELATIVE "${INCLUDE}" "${INCLUDE}/tinysparse/mcu/*.hpp")
list(APPEND headers tinysparse/mcu.hpp)
list(SORT headers)
set(source "// Written by cmake/DeviceHeaders.cmake from the headers themselves.\n#include \"device_headers.hpp\"\n\n")
string(APPEND source "std::vector<tinysparse::deploy::DeviceHeader> tinysparse::tools::device_headers() {\n    return {\n")
foreach(header IN LISTS headers)
  file(READ "${INCLUDE}/${header}" content)
  string(APPEND source "        {\"${header}\", R\"~~~(${content})~~~\"},\n")
endforeach()
string(APPEND source "    };\n}\n")
file(WRITE "${OUTPUT}" "${source}")
