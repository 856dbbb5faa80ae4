using System.Text;

namespace Webmail.MailCore.Auth.Sasl;

/// <summary>What a client says of channel binding (RFC 5801 section 4).</summary>
internal enum ChannelBindingFlag
{
    /// <summary>"n": it can't.</summary>
    No,

    /// <summary>"y": it can, and believes that the server can't.</summary>
    ServerCannot,

    /// <summary>"p=type": it does.</summary>
    Used,
}

/// <summary>The GS2 header (RFC 5801 section 4) that SCRAM and OAUTHBEARER begin with: <c>n|y|p=type "," [a=authzid] ","</c>.</summary>
/// <param name="Type">The channel binding's, with <see cref="ChannelBindingFlag.Used"/>.</param>
/// <param name="Authzid">Decoded; null: none.</param>
/// <param name="Text">As it was sent, both commas included.</param>
internal sealed record Gs2Header(ChannelBindingFlag Flag, string? Type, string? Authzid, string Text)
{
    /// <summary>Null: the message doesn't begin with one. What follows it begins at the length of <see cref="Text"/>.</summary>
    public static Gs2Header? TryRead(string message)
    {
        var first = message.IndexOf(',', StringComparison.Ordinal);
        var second = first < 0 ? -1 : message.IndexOf(',', first + 1);
        if (second < 0 || Flags(message[..first]) is not var (flag, type))
            return null;
        string? authzid = null;
        var name = message[(first + 1)..second];
        if (name.Length > 0 && (!name.StartsWith("a=", StringComparison.Ordinal) || (authzid = DecodeName(name[2..])) is null))
            return null;
        return new(flag, type, authzid, message[..(second + 1)]);
    }

    /// <summary>A saslname (RFC 5801 section 4): "=2C" is a comma, "=3D" an equals sign, and no other "=" may stand there. Null: malformed or empty.</summary>
    public static string? DecodeName(string text)
    {
        if (text.Length == 0 || text.Contains('\0', StringComparison.Ordinal))
            return null;
        var name = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '=')
                name.Append(text[i]);
            else if (string.CompareOrdinal(text, i, "=2C", 0, 3) == 0 || string.CompareOrdinal(text, i, "=3D", 0, 3) == 0)
            {
                name.Append(text[i + 1] == '2' ? ',' : '=');
                i += 2;
            }
            else
                return null;
        }

        return name.ToString();
    }

    private static (ChannelBindingFlag Flag, string? Type)? Flags(string text) => text switch
    {
        "n" => (ChannelBindingFlag.No, null),
        "y" => (ChannelBindingFlag.ServerCannot, null),
        ['p', '=', _, ..] when text.AsSpan(2).IndexOfAnyExcept(TypeCharacters) < 0 => (ChannelBindingFlag.Used, text[2..]),
        _ => null,
    };

    private static readonly System.Buffers.SearchValues<char> TypeCharacters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
}
