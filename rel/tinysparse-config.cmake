
####### Expanded from @PACKAGE_INIT@ by configure_package_config_file() #######
####### Any changes to this file will be overwritten by the next CMake run ####
####### The input file was tinysparse-config.cmake.in                            ########

get_filename_component(PACKAGE_PREFIX_DIR "${CMAKE_CURRENT_LIST_DIR}/../../../" ABSOLUTE)

macro(set_and_check _var _file)
  set(${_var} "${_file}")
  if(NOT EXISTS "${_file}")
    message(FATAL_ERROR "File or directory ${_file} referenced by variable ${_var} does not exist !")
  endif()
endmacro()

macro(check_required_components _NAME)
  foreach(comp ${${_NAME}_FIND_COMPONENTS})
    if(NOT ${_NAME}_${comp}_FOUND)
      if(${_NAME}_FIND_REQUIRED_${comp})
        set(${_NAME}_FOUND FALSE)
      endif()
    endif()
  endforeach()
endmacro()

####################################################################################

include(CMakeFindDependencyMacro)
find_dependency(Threads)
include("${CMAKE_CURRENT_LIST_DIR}/tinysparse-targets.cmake")

# Pictures and .gz files need stb_image, which stays its own package; the target is there where stb is.
find_path(TINYSPARSE_STB_INCLUDE stb_image.h PATH_SUFFIXES stb)
if(TINYSPARSE_STB_INCLUDE AND NOT TARGET tinysparse::images)
  add_library(tinysparse::images INTERFACE IMPORTED)
  target_link_libraries(tinysparse::images INTERFACE tinysparse::tinysparse)
  target_include_directories(tinysparse::images SYSTEM INTERFACE "${TINYSPARSE_STB_INCLUDE}")
endif()
check_required_components(tinysparse)
