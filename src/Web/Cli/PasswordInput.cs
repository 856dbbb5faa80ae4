using System.Text;
using Webmail.MailCore.Model;

namespace Webmail.Web.Cli;

/// <summary>A password from standard input: its first line, without the line's end. Never from an argument, which every user of the machine can see.</summary>
internal static class PasswordInput
{
    const int Longest = 4096;

    public static async Task<string> ReadAsync(Terminal terminal, CancellationToken ct)
    {
        using var reader = new StreamReader(terminal.OpenInput(), new UTF8Encoding(false));
        var buffer = new char[Longest];
        var length = await reader.ReadBlockAsync(buffer, ct);
        var line = new string(buffer, 0, length).Split('\n')[0].TrimEnd('\r');
        return line.Length > 0 ? line : throw new MailException(MailError.Invalid, "There is no password on standard input");
    }
}
