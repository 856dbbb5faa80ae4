using System.Security.Cryptography;

namespace Webmail.MailCore.Auth;

/// <summary>
/// The form of app passwords: six groups of four letters and digits, 118 bits of chance. That is what carries it, not the cost of trying it: RFC 7677's
/// least count of iterations is enough, and a login costs next to nothing.
/// </summary>
internal static class AppPassword
{
    /// <summary>RFC 7677 section 4: at least 4096.</summary>
    public const int Iterations = 4096;

    private const int Groups = 6;
    private const int GroupLength = 4;

    // Passwords' alphabet: no 0/o, 1/l/i.
    private const string Alphabet = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>"k7wd-pq3m-x9ht-ncve-2rgy-h4sb".</summary>
    public static string Generate() =>
        string.Join('-', RandomNumberGenerator.GetItems<char>(Alphabet, Groups * GroupLength).Chunk(GroupLength).Select(group => new string(group)));

    /// <summary>Could this be one? What isn't is never looked for among them.</summary>
    public static bool HasForm(string text)
    {
        if (text.Length != (Groups * (GroupLength + 1)) - 1)
            return false;
        for (var i = 0; i < text.Length; i++)
        {
            if (i % (GroupLength + 1) == GroupLength ? text[i] != '-' : !Alphabet.Contains(text[i], StringComparison.Ordinal))
                return false;
        }

        return true;
    }
}
