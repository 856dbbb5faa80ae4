namespace Webmail.Web.Cli.Checks;

/// <summary>Names that are never in DNS (RFC 2606, RFC 6762).</summary>
internal static class ReservedNames
{
    static readonly string[] Ends = [".test", ".example", ".invalid", ".localhost", ".local", ".localdomain", ".internal"];

    public static bool Contains(string name) =>
        !name.Contains('.', StringComparison.Ordinal) || Ends.Any(e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase));
}
