namespace Webmail.MailCore.Mime;

/// <summary>A parameter of Content-Type or Content-Disposition as IMAP gives it: continuations joined, charset and percent forms kept (RFC 2231).</summary>
internal readonly record struct MimeParameter(string Name, string Value);

/// <summary>A media type as written, with its parameters.</summary>
internal sealed record ContentType(string Type, string Subtype, IReadOnlyList<MimeParameter> Parameters)
{
    /// <summary>RFC 2045 section 5.2: what a part is when nothing is said.</summary>
    public static readonly ContentType TextPlain = new("text", "plain", [new("charset", "us-ascii")]);

    /// <summary>RFC 2046 section 5.1.5: what a part of a multipart/digest is.</summary>
    public static readonly ContentType Message = new("message", "rfc822", []);

    public bool IsMultipart => Type.Equals("multipart", StringComparison.OrdinalIgnoreCase);

    /// <summary>message/rfc822, and its form for UTF-8 headers (RFC 6532 section 3.7).</summary>
    public bool IsMessage => Is("message", "rfc822") || Is("message", "global");

    public bool IsText => Type.Equals("text", StringComparison.OrdinalIgnoreCase);

    public string? Boundary => this["boundary"];

    public string? this[string name]
    {
        get
        {
            foreach (var parameter in Parameters)
            {
                if (parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                    return parameter.Value;
            }

            return null;
        }
    }

    public bool Is(string type, string subtype) =>
        Type.Equals(type, StringComparison.OrdinalIgnoreCase) && Subtype.Equals(subtype, StringComparison.OrdinalIgnoreCase);
}

/// <summary>A Content-Disposition (RFC 2183).</summary>
internal sealed record ContentDisposition(string Kind, IReadOnlyList<MimeParameter> Parameters);
