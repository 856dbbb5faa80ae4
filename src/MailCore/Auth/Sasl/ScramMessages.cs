namespace Webmail.MailCore.Auth.Sasl;

/// <summary>SCRAM's first message of the client (RFC 5802 section 7). Pure.</summary>
/// <param name="Bare">client-first-message-bare: what goes into AuthMessage.</param>
internal sealed record ScramClientFirst(Gs2Header Header, string Name, string Nonce, string Bare)
{
    /// <summary>Null: not one, or with an extension that must be understood ("m=").</summary>
    public static ScramClientFirst? TryRead(ReadOnlySpan<byte> message)
    {
        if (message.Length > ScramExchange.MaxMessage || SaslText.Decode(message) is not { } text || Gs2Header.TryRead(text) is not { } header)
            return null;
        var bare = text[header.Text.Length..];
        var parts = bare.Split(',');
        return parts.Length >= 2
            && parts[0].StartsWith("n=", StringComparison.Ordinal)
            && Gs2Header.DecodeName(parts[0][2..]) is { } name
            && ScramExchange.Value(parts[1], 'r') is { } nonce
            && ScramExchange.IsNonce(nonce)
            && parts.Skip(2).All(ScramExchange.IsExtension)
            ? new(header, name, nonce, bare)
            : null;
    }
}

/// <summary>SCRAM's last message of the client (RFC 5802 section 7). Pure.</summary>
/// <param name="ChannelBinding">Decoded: the GS2 header, and the channel binding's octets where it is used.</param>
/// <param name="WithoutProof">client-final-message-without-proof: what goes into AuthMessage.</param>
internal sealed record ScramClientFinal(byte[] ChannelBinding, string Nonce, byte[] Proof, string WithoutProof)
{
    public static ScramClientFinal? TryRead(ReadOnlySpan<byte> message)
    {
        if (message.Length > ScramExchange.MaxMessage || SaslText.Decode(message) is not { } text)
            return null;
        var parts = text.Split(',');
        return parts.Length >= 3
            && ScramExchange.Value(parts[0], 'c') is { } binding
            && Base64(binding) is { } octets
            && ScramExchange.Value(parts[1], 'r') is { } nonce
            && ScramExchange.IsNonce(nonce)
            && ScramExchange.Value(parts[^1], 'p') is { } sent
            && Base64(sent) is { Length: ScramVerifier.KeyBytes } proof
            && parts.Skip(2).SkipLast(1).All(ScramExchange.IsExtension)
            ? new(octets, nonce, proof, text[..^(parts[^1].Length + 1)])
            : null;
    }

    private static byte[]? Base64(string text)
    {
        var octets = new byte[text.Length];
        return !text.AsSpan().ContainsAny(" \t\r\n") && Convert.TryFromBase64String(text, octets, out var n) ? octets[..n] : null;
    }

    public override string ToString() => nameof(ScramClientFinal);
}
