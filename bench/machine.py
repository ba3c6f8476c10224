"""machine.py: says when, where and how figures were made."""
import datetime
import os
import platform


def describe():
    model, virtual = "unknown processor", False
    with open("/proc/cpuinfo") as lines:
        for line in lines:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
            virtual = virtual or (line.startswith("flags") and " hypervisor" in line)
    return "%s, %d processors%s, Linux %s, %s" % (model, os.cpu_count(), " (virtual machine)" if virtual else "", platform.release(),
                                                 " ".join(platform.libc_ver()))


def heading(title, command):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return "%s, %s\n\n%s\n\nCommand: `%s`; load before: %.2f\n" % (title, now, describe(), command, os.getloadavg()[0])
