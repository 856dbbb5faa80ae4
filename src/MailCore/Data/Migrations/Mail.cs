using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>The mail of all accounts, and the queue's rows.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124080000_Mail")]
internal sealed class Mail : SqlMigration;
