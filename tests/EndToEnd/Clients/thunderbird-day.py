"""A day of Thunderbird without windows, driven through its Marionette port. Arguments: program, profile, port, user, password, certificate."""
import json
import os
import socket
import subprocess
import sys
import time

program, profile, port, user, password, certificate = sys.argv[1:7]
script = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "thunderbird-day.js"), encoding="utf-8").read()
with open(os.path.join(profile, "user.js"), "w") as prefs:
    for name, value in {
        "marionette.port": 0,
        "app.update.enabled": False,
        "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
        "toolkit.telemetry.enabled": False,
        "app.donation.eoy.version.viewed": 999,
        "mail.provider.suppress_dialog_on_startup": True,
        "mail.spotlight.firstRunDone": True,
        "mail.winsearch.firstRunDone": True,
        "mailnews.start_page.enabled": False,
        "mail.rights.version": 1,
        "mail.shell.checkDefaultClient": False,
        "extensions.getAddons.cache.enabled": False,
        "services.settings.server": "data:,",
        "network.dns.disablePrefetch": True,
        "network.captive-portal-service.enabled": False,
        "network.connectivity-service.enabled": False,
        "mail.server.default.check_all_folders_for_new": False,
        "mail.imap.use_status_for_biff": False,
        "mailnews.database.global.indexer.enabled": False,
    }.items():
        prefs.write(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n")


class Marionette:
    """The protocol: length, colon, JSON of [type, id, command, parameters]."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.rest = b""
        self.id = 0
        self.read()

    def read(self):
        while b":" not in self.rest:
            self.more()
        length, self.rest = self.rest.split(b":", 1)
        while len(self.rest) < int(length):
            self.more()
        message, self.rest = self.rest[: int(length)], self.rest[int(length):]
        return json.loads(message)

    def more(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("Thunderbird has gone")
        self.rest += data

    def do(self, command, **parameters):
        self.id += 1
        message = json.dumps([0, self.id, command, parameters])
        self.socket.sendall(f"{len(message.encode())}:{message}".encode())
        _, _, error, result = self.read()
        if error:
            sys.exit(f"{command}: {error['error']}: {error['message']}\n{error.get('stacktrace', '')}")
        return result


thunderbird = subprocess.Popen(
    [program, "--headless", "--marionette", "-remote-allow-system-access", "--profile", profile, "--no-remote"],
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    chosen = os.path.join(profile, "MarionetteActivePort")
    while not os.path.exists(chosen) or not open(chosen).read().strip():
        if thunderbird.poll() is not None:
            sys.exit("Thunderbird ended before its port was open")
        time.sleep(0.1)
    marionette = Marionette(int(open(chosen).read()))
    marionette.do("WebDriver:NewSession", capabilities={})
    marionette.do("Marionette:SetContext", value="chrome")
    marionette.do("WebDriver:SetTimeouts", script=80000)
    # A script of a window ends with it: the first window may still give way to the one of the mail.
    ready = "return Services.wm.getMostRecentWindow('mail:3pane')?.document.readyState == 'complete' && document.documentElement.getAttribute('windowtype') == 'mail:3pane'"
    while not marionette.do("WebDriver:ExecuteScript", script=ready, args=[])["value"]:
        time.sleep(0.1)
    answer = marionette.do("WebDriver:ExecuteAsyncScript", script=script, args=[int(port), user, password, open(certificate).read()], scriptTimeout=80000)
    print(json.dumps(answer["value"], ensure_ascii=False))
    marionette.do("Marionette:Quit", flags=["eForceQuit"])
    thunderbird.wait(30)
finally:
    if thunderbird.poll() is None:
        thunderbird.kill()
if answer["value"] != "done":
    sys.exit(1)
